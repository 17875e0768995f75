using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;

namespace SoftSeg.Dicom.Network;

// C-FIND, C-MOVE, C-GET, and C-CANCEL, which is what leaving the loop over the responses means.
public sealed partial class DicomClient
{
    Func<StoreContext, CancellationToken, ValueTask<IInstanceSink>>? _retrieval;
    StoreReceiver? _receiver;

    /// <summary>C-FIND, study root: the matches while they come. Leaving the loop early cancels the query at the peer.</summary>
    /// <param name="identifier">Level, keys to match and attributes to return: <see cref="QueryRetrieve"/>.</param>
    /// <param name="cancellation">Aborts the association.</param>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept C-FIND.</exception>
    /// <exception cref="DicomStatusException">The peer answered with a failure; the association goes on.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public async IAsyncEnumerable<DicomDataset> FindAsync(DicomDataset identifier, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        var context = ContextOf(QueryRetrieve.FindSopClass);
        var command = new DimseCommand { Field = CommandField.FindRq, MessageId = ++_messageId, AffectedSopClassUid = context.AbstractSyntax };
        await foreach (var (response, match) in ResponsesAsync(context, command, identifier, cancellation))
        {
            if (response.Status is { IsSuccess: false, IsPending: false })
                throw new DicomStatusException(response.Status, $"{Peer} answered C-FIND with {response.Status}");
            if (match is not null)
                yield return match;
        }
    }

    /// <summary>
    /// C-MOVE, study root: the peer sends what matches to a third one, over associations of its own. The last response has the outcome; leaving the loop before
    /// it cancels at the peer.
    /// </summary>
    /// <param name="identifier">Level and unique keys: <see cref="QueryRetrieve"/>.</param>
    /// <param name="destination">AE title of the receiver, which the peer must know; often our own.</param>
    /// <param name="cancellation">Aborts the association.</param>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept C-MOVE.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public IAsyncEnumerable<RetrieveProgress> MoveAsync(DicomDataset identifier, string destination, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        DicomClientOptions.CheckTitle(destination);
        return RetrieveAsync(CommandField.MoveRq, QueryRetrieve.MoveSopClass, identifier, destination, cancellation);
    }

    /// <summary>C-GET, study root: instances come on this association, each into a sink of <paramref name="store"/>. The last response has the outcome; leaving the loop before it cancels at the peer.</summary>
    /// <param name="identifier">Level and unique keys: <see cref="QueryRetrieve"/>.</param>
    /// <param name="store">As <see cref="IDicomServiceHandler.OnStoreBeginAsync"/>; <c>(context, _) => new(spool.Begin(context))</c> stores into a spool.</param>
    /// <param name="cancellation">Aborts the association.</param>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept C-GET.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public IAsyncEnumerable<RetrieveProgress> GetAsync(
        DicomDataset identifier, Func<StoreContext, CancellationToken, ValueTask<IInstanceSink>> store, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        ArgumentNullException.ThrowIfNull(store);
        _retrieval = store;
        return RetrieveAsync(CommandField.GetRq, QueryRetrieve.GetSopClass, identifier, destination: null, cancellation);
    }

    async IAsyncEnumerable<RetrieveProgress> RetrieveAsync(
        ushort field, string sopClass, DicomDataset identifier, string? destination, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var context = ContextOf(sopClass);
        var command = new DimseCommand { Field = field, MessageId = ++_messageId, AffectedSopClassUid = sopClass, MoveDestination = destination };
        await foreach (var (response, set) in ResponsesAsync(context, command, identifier, cancellation))
        {
            var (remaining, completed, failed, warning) = response.SubOperations;
            yield return new RetrieveProgress(response.Status, remaining, completed, failed, warning, set?.GetStrings(DicomTag.FailedSOPInstanceUIDList) ?? []);
        }
    }

    /// <summary>All responses to a request, the last one included, each with its data set.</summary>
    async IAsyncEnumerable<(DimseCommand Response, DicomDataset? Set)> ResponsesAsync(
        NegotiatedContext context, DimseCommand command, DicomDataset identifier, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await OnAssociationAsync(async () =>
        {
            await _dimse.SendAsync(context.Id, command, identifier, context.TransferSyntax, cancellation);
            return true;
        });
        bool isOver = false;
        try
        {
            while (!isOver)
            {
                var next = await OnAssociationAsync(() => NextAsync(context, command, cancellation));
                isOver = !next.Response.Status.IsPending;
                yield return next;
            }
        }
        finally
        {
            if (!isOver && IsOpen)
                await CancelAsync(context, command, cancellation);
        }
    }

    async Task<(DimseCommand Response, DicomDataset? Set)> NextAsync(NegotiatedContext context, DimseCommand command, CancellationToken cancellation)
    {
        var response = await ReceiveResponseAsync(command, _options.Limits.Retrieve, cancellation);
        if (!response.HasDataSet)
            return (response, null);
        try
        {
            return (response, await _dimse.ReadDataSetAsync(context.TransferSyntax, cancellation));
        }
        catch (DicomDataException e)
        {
            throw DicomProtocolException.Dimse($"the identifier of a response is no data set: {e.Message}");
        }
    }

    /// <summary>C-CANCEL (PS3.7 9.3.2.3), then whatever was on its way, to the last response.</summary>
    Task<bool> CancelAsync(NegotiatedContext context, DimseCommand command, CancellationToken cancellation) => OnAssociationAsync(async () =>
    {
        await _dimse.SendAsync(context.Id, new DimseCommand { Field = CommandField.CancelRq, MessageId = command.MessageId }, cancellation);
        while ((await NextAsync(context, command, cancellation)).Response.Status.IsPending) { }
        return true;
    });

    /// <summary>An instance of the C-GET under way.</summary>
    ValueTask<DicomStatus> TakeAsync(DimseCommand request, NegotiatedContext context, CancellationToken cancellation)
    {
        _receiver ??= new StoreReceiver(_dimse, _options.Limits, NullLogger.Instance);
        return _receiver.ReceiveAsync(request,
            new StoreContext(Association, context.AbstractSyntax, request.AffectedSopInstanceUid ?? "", context.TransferSyntax) { IsRetrieved = true }, _retrieval!, cancellation);
    }
}
