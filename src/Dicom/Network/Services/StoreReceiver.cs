using Microsoft.Extensions.Logging;

namespace SoftSeg.Dicom.Network;

/// <summary>The provider's side of C-STORE, wherever it comes: as a request of its own, or inside a C-GET.</summary>
sealed class StoreReceiver(DimseConnection dimse, DicomLimits limits, ILogger logger)
{
    public int Stored { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Takes the data set that follows the command. The status is for the response; the association can go on.</summary>
    public async ValueTask<DicomStatus> ReceiveAsync(
        DimseCommand command, StoreContext context, Func<StoreContext, CancellationToken, ValueTask<IInstanceSink>> begin, CancellationToken cancellation)
    {
        var status = Check(command, context.SopClassUid);
        if (status.IsSuccess)
            status = await TakeAsync(context, begin, cancellation);
        await dimse.DrainDataAsync(cancellation);

        if (status.IsStored)
        {
            Stored++;
        }
        else
        {
            Refused++;
            NetworkLog.InstanceRefused(logger, context.SendingAeTitle, command.AffectedSopInstanceUid, status);
        }
        return status;
    }

    static DicomStatus Check(DimseCommand command, string sopClass)
    {
        if (command.AffectedSopClassUid != sopClass)
            return DicomStatus.SopClassNotSupported.With("not the SOP class of the presentation context");
        if (!DimseCommand.IsUid(command.AffectedSopInstanceUid))
            return DicomStatus.InvalidSopInstance;
        return command.HasDataSet ? DicomStatus.Success : DicomStatus.CannotUnderstand.With("no data set");
    }

    async ValueTask<DicomStatus> TakeAsync(
        StoreContext context, Func<StoreContext, CancellationToken, ValueTask<IInstanceSink>> begin, CancellationToken cancellation)
    {
        IInstanceSink? sink = null;
        try
        {
            sink = await begin(context, cancellation);
            long received = 0;
            bool isLast = false;
            while (!isLast)
            {
                (var piece, isLast) = await dimse.ReceiveDataAsync(cancellation);
                received += piece.Length;
                if (received > limits.MaxInstance)
                    return DicomStatus.OutOfResources.With($"more than {limits.MaxInstance} bytes");
                if (!piece.IsEmpty)
                    await sink.WriteAsync(piece, cancellation);
            }
            return await sink.CommitAsync(cancellation);
        }
        catch (DicomStatusException e)
        {
            return e.Status;
        }
        catch (Exception e) when (e is not (DicomNetworkException or OperationCanceledException))
        {
            NetworkLog.InstanceFailed(logger, e, context.SendingAeTitle, context.SopInstanceUid);
            return DicomStatus.ProcessingFailure;
        }
        finally
        {
            if (sink is not null)
                await sink.DisposeAsync();
        }
    }
}
