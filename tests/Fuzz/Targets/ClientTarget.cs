using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Fuzz.Targets;

/// <summary>What a peer that we call answers: to the association, and to the service that the first byte of the input names.</summary>
sealed class ClientTarget : Target
{
    internal static readonly DicomClientOptions Options = new()
    {
        Host = "fuzz", Port = 104, CalledAeTitle = "FUZZ", CallingAeTitle = "SOFTSEG", Limits = DicomLimits.Default with { MaxInstance = 1 << 20, MaxIdentifier = 1 << 20 },
    };

    static readonly DicomFile instance = new(SeedImages.Classic(0));

    static readonly Func<DicomClient, Task>[] services = [client => client.EchoAsync(), client => client.StoreAsync(instance), FindAsync, MoveAsync, GetAsync, CommitAsync];

    public override string Name => "client";

    public override IReadOnlyList<byte[]> Words { get; } = [.. new ConnectionTarget().Words, [2, 0, 0, 0], [3, 0, 0, 0], [6, 0, 0, 0, 0, 4, 0, 0, 0, 0], [0x21, 0], [0x59, 0], [0x00, 0xFF], [0x01, 0xFF]];

    static AssociationProposal Proposal => new AssociationProposal().AddVerification().AddFind().AddMove().AddGet([DicomUID.MRImageStorage.Value])
        .AddStorage(DicomUID.MRImageStorage.Value, DicomUID.ExplicitVRLittleEndian.Value).AddCommitmentRequest();

    public override IEnumerable<byte[]> Seeds()
    {
        var contexts = Proposal.ToContexts();
        byte[] accepted = new AssociateAcPdu("FUZZ", "SOFTSEG", [.. contexts.Select(c => new NegotiatedContext(c.Id, c.AbstractSyntax, PresentationContextResult.Accepted, c.TransferSyntaxes[0]))],
            new UserInformation { MaxPdu = 16384, ImplementationClassUid = "1.2.3", ImplementationVersionName = "PEER", Roles = [new RoleSelection(DicomUID.MRImageStorage.Value, true, true)] }).ToBytes();
        byte[] released = [6, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        var match = Bytes(new DicomDataset().AddOrUpdate(DicomTag.QueryRetrieveLevel, "SERIES").AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.3").AddOrUpdate(DicomTag.Modality, "MR"));
        var pending = new DicomStatus(0xFF00);
        yield return [0, .. accepted, .. Response(CommandField.EchoRq, DicomUID.Verification.Value, DicomStatus.Success), .. released];
        yield return [1, .. accepted, .. Response(CommandField.StoreRq, DicomUID.MRImageStorage.Value, DicomStatus.OutOfResources.With("disk full")), .. released];
        yield return
        [
            2, .. accepted, .. Response(CommandField.FindRq, QueryRetrieve.FindSopClass, pending, match), .. Response(CommandField.FindRq, QueryRetrieve.FindSopClass, pending, match),
            .. Response(CommandField.FindRq, QueryRetrieve.FindSopClass, DicomStatus.Success), .. released,
        ];
        yield return [3, .. accepted, .. Response(CommandField.MoveRq, QueryRetrieve.MoveSopClass, pending), .. Response(CommandField.MoveRq, QueryRetrieve.MoveSopClass, new DicomStatus(0xB000),
            Bytes(new DicomDataset().AddOrUpdate(DicomTag.FailedSOPInstanceUIDList, "1.2.3", "1.2.4"))), .. released];
        yield return
        [
            4, .. accepted,
            .. Message(DicomUID.MRImageStorage.Value, new() { Field = CommandField.StoreRq, MessageId = 9, AffectedSopClassUid = DicomUID.MRImageStorage.Value, AffectedSopInstanceUid = instance.Dataset.GetString(DicomTag.SOPInstanceUID) }, Bytes(instance.Dataset)),
            .. Response(CommandField.GetRq, QueryRetrieve.GetSopClass, pending), .. Response(CommandField.GetRq, QueryRetrieve.GetSopClass, DicomStatus.Success), .. released,
        ];
        yield return
        [
            5, .. accepted, .. Response(CommandField.ActionRq, StorageCommitment.SopClass, DicomStatus.Success),
            .. Message(StorageCommitment.SopClass, new() { Field = CommandField.EventReportRq, MessageId = 2, AffectedSopClassUid = StorageCommitment.SopClass, AffectedSopInstanceUid = StorageCommitment.WellKnownInstance, EventTypeId = StorageCommitment.FailureEvent },
                Bytes(StorageCommitment.ToDataset(new CommitmentResult("1.2.9", [Reference(1)], [new CommitmentFailure(Reference(2), CommitmentFailure.NoSuchInstance)])))), .. released,
        ];
        yield return [0, 3, 0, 0, 0, 0, 4, 0, 1, 1, 7];
        yield return [0, 7, 0, 0, 0, 0, 4, 0, 0, 2, 1];

        byte[] Response(ushort request, string sopClass, DicomStatus status, byte[]? dataSet = null) =>
            Message(sopClass, new() { Field = (ushort)(request | CommandField.ResponseBit), MessageId = 1, AffectedSopClassUid = sopClass, Status = status, SubOperations = (1, 2, 0, 0) }, dataSet);

        byte[] Message(string sopClass, DimseCommand command, byte[]? dataSet)
        {
            var context = contexts.First(c => c.AbstractSyntax == sopClass).Id;
            return [.. ConnectionTarget.Data(context, 3, (command with { HasDataSet = dataSet is not null }).ToBytes()), .. dataSet is null ? [] : ConnectionTarget.Data(context, 2, dataSet)];
        }
    }

    public override void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        using var peer = new PeerStream(input.AsMemory(1));
        PeerStream.Wait(CallAsync(peer, services[input[0] % services.Length]));
    }

    static async Task CallAsync(PeerStream peer, Func<DicomClient, Task> service)
    {
        await using var client = await DicomClient.AssociateAsync(Options, peer, Proposal, CancellationToken.None);
        await service(client);
        await client.ReleaseAsync();
    }

    /// <summary>What the callers of the client are told to expect.</summary>
    public override bool IsExpected(Exception e) => e is DicomNetworkException or DicomStatusException;

    static async Task FindAsync(DicomClient client)
    {
        var matches = 0;
        await foreach (var match in client.FindAsync(QueryRetrieve.SeriesOf("1.2")))
        {
            _ = match.Select(item => item.Tag).ToArray();
            if (++matches == 3)
                break; // C-CANCEL
        }
    }

    static async Task MoveAsync(DicomClient client)
    {
        await foreach (var progress in client.MoveAsync(QueryRetrieve.Study("1.2"), "SOFTSEG"))
            _ = progress.ToString();
    }

    static async Task GetAsync(DicomClient client)
    {
        await foreach (var progress in client.GetAsync(QueryRetrieve.Study("1.2"), (context, _) => new(new ScanningSink(context, Options.Limits))))
            _ = progress.ToString();
    }

    static async Task CommitAsync(DicomClient client)
    {
        await client.RequestCommitmentAsync(new CommitmentRequest("1.2.9", [Reference(1), Reference(2)]));
        _ = await client.WaitForCommitmentAsync(TimeSpan.FromSeconds(2));
    }

    static SopReference Reference(int number) => new(DicomUID.MRImageStorage.Value, $"1.2.3.{number}");

    static byte[] Bytes(DicomDataset dataset)
    {
        var bytes = new MemoryStream();
        DatasetWriter.Write(bytes, dataset, isExplicit: true, isEncapsulated: false);
        return bytes.ToArray();
    }
}

/// <summary>A peer that has said all that it will say, and hears nothing.</summary>
sealed class PeerStream(ReadOnlyMemory<byte> said) : Stream
{
    int position;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Runs to the end; it must come, for there is nothing to wait for.</summary>
    public static void Wait(Task task)
    {
        try
        {
            if (!task.Wait(TimeSpan.FromSeconds(5)))
                throw new InvalidOperationException("The peer is gone, and we still wait for it.");
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var piece = said.Span.Slice(position, Math.Min(buffer.Length, said.Length - position));
        piece.CopyTo(buffer);
        position += piece.Length;
        return piece.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count) { }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
