using System.Buffers;

namespace SoftSeg.Dicom.Network;

/// <summary>Messages (PS3.7) over an established association: a command set, then perhaps a data set, both on one presentation context.</summary>
sealed class DimseConnection(UpperLayer upperLayer, DicomLimits limits)
{
    static readonly DicomReadOptions s_identifiers = new() { MaxElements = 2_000_000 };

    readonly ArrayBufferWriter<byte> _command = new(512);
    byte _contextId;
    bool _isDataSetOpen;

    /// <summary>Presentation context of the command received last.</summary>
    public byte ContextId => _contextId;

    /// <summary>Waits for the next command set.</summary>
    /// <returns>Null where the peer asked for the release.</returns>
    /// <exception cref="DicomNetworkException">Anything else than a command or a release request.</exception>
    public async ValueTask<DimseCommand?> ReceiveCommandAsync(TimeSpan wait, CancellationToken cancellation)
    {
        _command.ResetWrittenCount();
        for (int pieces = 0; ; pieces++)
        {
            var indication = await upperLayer.ReceiveAsync(wait, cancellation);
            if (indication == Indication.ReleaseRequested && pieces == 0)
                return null;
            if (indication != Indication.Data)
                throw DicomProtocolException.Dimse("release request inside a command set");
            var received = upperLayer.Received;
            if (!received.IsCommand)
                throw DicomProtocolException.Dimse("data set where a command set should come");
            if (pieces == 0)
                _contextId = received.ContextId;
            else if (_contextId != received.ContextId)
                throw DicomProtocolException.Dimse($"command set on presentation contexts {_contextId} and {received.ContextId}");

            // A piece counts even where it is empty: no command is worth that many.
            if (_command.WrittenCount + pieces + received.Body.Length > limits.MaxCommand)
                throw DicomProtocolException.Dimse($"command set of more than {limits.MaxCommand} bytes (limit MaxCommand)");
            foreach (var segment in received.Body)
                _command.Write(segment.Span);
            if (!received.IsLast)
                continue;
            var command = DimseCommand.Parse(_command.WrittenSpan);
            _isDataSetOpen = command.HasDataSet;
            return command;
        }
    }

    /// <summary>Waits for the next piece of the data set that the last command announced.</summary>
    /// <returns>The piece, valid until the next call, and whether it is the last.</returns>
    public async ValueTask<(ReadOnlySequence<byte> Piece, bool IsLast)> ReceiveDataAsync(CancellationToken cancellation)
    {
        if (await upperLayer.ReceiveAsync(limits.Idle, cancellation) != Indication.Data)
            throw DicomProtocolException.Dimse("release request inside a data set");
        var received = upperLayer.Received;
        if (received.IsCommand)
            throw DicomProtocolException.Dimse("command set inside a data set");
        if (received.ContextId != _contextId)
            throw DicomProtocolException.Dimse($"data set on presentation context {received.ContextId}, its command on {_contextId}");
        _isDataSetOpen = !received.IsLast;
        return (received.Body, received.IsLast);
    }

    /// <summary>Reads what is left of the data set and throws it away.</summary>
    public async ValueTask DrainDataAsync(CancellationToken cancellation)
    {
        long drained = 0;
        while (_isDataSetOpen)
        {
            var (piece, _) = await ReceiveDataAsync(cancellation);
            drained += piece.Length;
            if (drained > limits.MaxInstance)
                throw DicomProtocolException.Dimse($"data set of more than {limits.MaxInstance} bytes (limit MaxInstance)");
        }
    }

    /// <summary>Reads the rest of the message as a data set in memory: identifiers and event information, never instances.</summary>
    /// <exception cref="DicomProtocolException">It is larger than the limit.</exception>
    /// <exception cref="DicomDataException">It is no data set in this transfer syntax.</exception>
    public async ValueTask<DicomDataset> ReadDataSetAsync(string transferSyntax, CancellationToken cancellation)
    {
        var bytes = new ArrayBufferWriter<byte>();
        while (_isDataSetOpen)
        {
            var (piece, _) = await ReceiveDataAsync(cancellation);
            if (bytes.WrittenCount + piece.Length > limits.MaxIdentifier)
                throw DicomProtocolException.Dimse($"identifier of more than {limits.MaxIdentifier} bytes (limit MaxIdentifier)");
            foreach (var segment in piece)
                bytes.Write(segment.Span);
        }
        return DatasetReader.Read(ByteSource.Of(bytes.WrittenSpan.ToArray()), DicomTransferSyntax.ForReading(transferSyntax), s_identifiers with { MaxSequenceDepth = limits.MaxSequenceDepth });
    }

    /// <summary>Sends a command set and, where there is one, its data set.</summary>
    public async ValueTask SendAsync(byte contextId, DimseCommand command, DicomDataset? dataSet, string transferSyntax, CancellationToken cancellation)
    {
        await SendAsync(contextId, command with { HasDataSet = dataSet is not null }, cancellation);
        if (dataSet is null)
            return;
        using var bytes = new MemoryStream();
        DatasetWriter.Write(bytes, dataSet, DicomTransferSyntax.ForReading(transferSyntax).IsExplicitVR, isEncapsulated: false);
        bytes.Position = 0;
        await upperLayer.SendDataSetAsync(contextId, bytes, bytes.Length, cancellation);
    }

    /// <summary>Sends a command set in one write.</summary>
    public ValueTask SendAsync(byte contextId, DimseCommand command, CancellationToken cancellation) =>
        upperLayer.SendCommandAsync(contextId, command.ToBytes(), cancellation);
}
