using System.IO.Pipelines;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>Two upper layers that talk to each other without a socket.</summary>
public sealed class UpperLayerTests
{
    sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    static readonly DicomLimits s_limits = new() { Close = TimeSpan.FromSeconds(5) };

    static readonly PresentationContext[] s_proposed = [new(1, ScriptedPeer.Verification, [TestInstance.ImplicitLittle])];

    static readonly UserInformation s_user = new() { MaxPdu = 16384, ImplementationClassUid = "1.2", ImplementationVersionName = "TEST" };

    static async Task<(UpperLayer Requestor, UpperLayer Acceptor)> EstablishAsync()
    {
        var there = new Pipe();
        var back = new Pipe();
        var requestor = new UpperLayer(new Transport(back.Reader, there.Writer), s_limits, isRequestor: true);
        var acceptor = new UpperLayer(new Transport(there.Reader, back.Writer), s_limits, isRequestor: false);
        await requestor.SendAssociateRequestAsync(new AssociateRqPdu("A", "B", 1, PduItemType.DicomApplicationContext, s_proposed, s_user), default);
        Assert.Equal(Indication.AssociateRequested, await acceptor.ReceiveAsync(s_limits.Artim, default));
        await acceptor.AcceptAsync(new AssociateAcPdu("A", "B", [new NegotiatedContext(1, ScriptedPeer.Verification, PresentationContextResult.Accepted, TestInstance.ImplicitLittle)], s_user), default);
        Assert.Equal(Indication.AssociateAccepted, await requestor.ReceiveAsync(s_limits.Artim, default));
        return (requestor, acceptor);
    }

    [Fact]
    public async Task Either_side_may_release()
    {
        foreach (bool byRequestor in (bool[])[true, false])
        {
            var (requestor, acceptor) = await EstablishAsync();
            var (first, second) = byRequestor ? (requestor, acceptor) : (acceptor, requestor);
            var releasing = first.ReleaseAsync(default).AsTask();
            Assert.Equal(Indication.ReleaseRequested, await second.ReceiveAsync(s_limits.Idle, default));
            await second.RespondToReleaseAsync(default);
            await releasing;
            Assert.Equal((AssociationState.Idle, AssociationState.AwaitingTransportClose), (first.State, second.State));
            await Task.WhenAll(first.DisposeAsync().AsTask(), second.DisposeAsync().AsTask());
        }
    }

    [Fact]
    public async Task When_both_release_at_once_both_end()
    {
        var (requestor, acceptor) = await EstablishAsync();
        // Both requests are under way before either side reads.
        await Task.WhenAll(requestor.ReleaseAsync(default).AsTask(), acceptor.ReleaseAsync(default).AsTask());
        Assert.Equal(AssociationState.Idle, requestor.State);
        Assert.Equal(AssociationState.AwaitingTransportClose, acceptor.State);
        await Task.WhenAll(requestor.DisposeAsync().AsTask(), acceptor.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task Data_that_is_under_way_when_we_ask_for_the_release_is_taken()
    {
        var (requestor, acceptor) = await EstablishAsync();
        await acceptor.SendCommandAsync(1, new byte[40_000], default);
        var releasing = requestor.ReleaseAsync(default).AsTask();
        Assert.Equal(Indication.ReleaseRequested, await acceptor.ReceiveAsync(s_limits.Idle, default));
        await acceptor.RespondToReleaseAsync(default);
        await releasing;
        await Task.WhenAll(requestor.DisposeAsync().AsTask(), acceptor.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task An_abort_carries_its_source_and_reason()
    {
        var (requestor, acceptor) = await EstablishAsync();
        await acceptor.AbortAsync(AbortSource.ServiceProvider, AbortReason.UnexpectedPduParameter);
        var e = await Assert.ThrowsAsync<DicomAssociationAbortedException>(() => requestor.ReceiveAsync(s_limits.Idle, default).AsTask());
        Assert.Equal((AbortSource.ServiceProvider, AbortReason.UnexpectedPduParameter), (e.Source, e.Reason));
        await Task.WhenAll(requestor.DisposeAsync().AsTask(), acceptor.DisposeAsync().AsTask());
    }
}
