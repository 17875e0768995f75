using System.Net.Sockets;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// The SCU: one association with a peer, for C-ECHO and any number of C-STOREs. Instances go as the bytes that they are where the peer accepted their
/// transfer syntax, otherwise converted between uncompressed little endian syntaxes; nothing is ever left out of them. Not for concurrent use.
/// </summary>
public sealed class DicomClient : IAsyncDisposable
{
    readonly DicomClientOptions _options;
    readonly Stream _stream;
    readonly UpperLayer _upperLayer;
    readonly DimseConnection _dimse;
    ushort _messageId;

    DicomClient(DicomClientOptions options, Stream stream, UpperLayer upperLayer)
    {
        _options = options;
        _stream = stream;
        _upperLayer = upperLayer;
        _dimse = new DimseConnection(upperLayer, options.Limits);
    }

    /// <summary>The presentation contexts as the peer answered them.</summary>
    public IReadOnlyList<NegotiatedContext> Contexts { get; private set; } = [];

    /// <summary>Implementation Version Name of the peer, or its Class UID where it gives no name.</summary>
    public string PeerImplementation { get; private set; } = "";

    /// <summary>True while requests can be sent.</summary>
    public bool IsOpen => _upperLayer.State == AssociationState.Established;

    /// <summary>Connects and negotiates.</summary>
    /// <exception cref="DicomAssociationRejectedException">The peer rejected; the message says what to check.</exception>
    /// <exception cref="DicomNetworkException">No connection, no answer, or not a DICOM peer.</exception>
    public static async Task<DicomClient> ConnectAsync(DicomClientOptions options, AssociationProposal proposal, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(proposal);
        options.Check();
        var stream = await OpenAsync(options, cancellation);
        var client = new DicomClient(options, stream, new UpperLayer(new StreamDuplexPipe(stream), options.Limits, isRequestor: true));
        try
        {
            await client.NegotiateAsync(proposal.ToContexts(), cancellation);
            return client;
        }
        catch (Exception e)
        {
            await client.BreakOffAsync(e);
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to send the files at <paramref name="paths"/>; their file meta information says what to propose.</summary>
    /// <inheritdoc cref="ConnectAsync(DicomClientOptions, AssociationProposal, CancellationToken)"/>
    public static Task<DicomClient> ConnectAsync(DicomClientOptions options, IEnumerable<string> paths, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var proposal = new AssociationProposal();
        foreach (string path in paths)
        {
            using var file = File.OpenRead(path);
            var head = Part10Head.Read(file, path);
            proposal.AddStorage(head.SopClassUid, head.TransferSyntaxUid);
        }
        return ConnectAsync(options, proposal, cancellation);
    }

    static async Task<Stream> OpenAsync(DicomClientOptions options, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(options.Limits.Handshake);
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, timeout.Token);
            return new QuickAckStream(socket);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new DicomTimeoutException($"no connection to {options.Host}:{options.Port} within {options.Limits.Handshake.TotalSeconds:0.#} s: check host, port and firewall");
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new DicomNetworkException($"no connection to {options.Host}:{options.Port} ({e.Message}): check host, port and whether the peer runs", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async Task NegotiateAsync(IReadOnlyList<PresentationContext> contexts, CancellationToken cancellation)
    {
        var user = new UserInformation
        {
            MaxPdu = (uint)_options.Limits.MaxPdu,
            ImplementationClassUid = DicomFile.ImplementationClassUID,
            ImplementationVersionName = DicomFile.ImplementationVersionName
        };
        await _upperLayer.SendAssociateRequestAsync(
            new AssociateRqPdu(_options.CalledAeTitle, _options.CallingAeTitle, 1, PduItemType.DicomApplicationContext, contexts, user), cancellation);
        var indication = await _upperLayer.ReceiveAsync(_options.Limits.Artim, cancellation);
        if (indication == Indication.AssociateRejected)
            throw new DicomAssociationRejectedException(AssociateRjPdu.Parse(_upperLayer.Received.ContiguousBody()), _options);

        var answer = AssociateAcPdu.Parse(_upperLayer.Received.ContiguousBody(), contexts);
        _upperLayer.PeerMaxPdu = PduSize.ToSend(answer.User.MaxPdu, _options.Limits);
        Contexts = answer.Contexts;
        PeerImplementation = answer.User.ImplementationVersionName is { Length: > 0 } name ? name : answer.User.ImplementationClassUid;
    }

    /// <summary>C-ECHO.</summary>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept verification.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public Task<DicomStatus> EchoAsync(CancellationToken cancellation = default)
    {
        var context = Contexts.FirstOrDefault(c => c.AbstractSyntax == AcceptedServices.VerificationSopClass && c.IsAccepted)
            ?? throw new DicomNotAcceptedException($"{Peer} does not accept verification (C-ECHO)");
        var command = new DimseCommand { Field = CommandField.EchoRq, MessageId = ++_messageId, AffectedSopClassUid = context.AbstractSyntax };
        return RequestAsync(context.Id, command, Stream.Null, 0, cancellation);
    }

    /// <summary>C-STORE of a Part 10 file. Failures of the peer are in the status; B000, B006 and B007 mean stored.</summary>
    /// <exception cref="DicomNotAcceptedException">The peer accepted no context in which it could go; the message says what it did accept. Others may still go.</exception>
    /// <exception cref="InvalidDataException">Not a Part 10 file.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public async Task<DicomStatus> StoreAsync(string path, CancellationToken cancellation = default)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var head = Part10Head.Read(file, path);
        var context = Choose(head.SopClassUid, head.TransferSyntaxUid);
        if (context.TransferSyntax == head.TransferSyntaxUid)
            return await StoreAsync(context, head, file, cancellation);
        return await StoreAsync(DicomFile.Open(file.Name), context, cancellation);
    }

    /// <summary>C-STORE of an instance in memory.</summary>
    /// <inheritdoc cref="StoreAsync(string, CancellationToken)"/>
    public Task<DicomStatus> StoreAsync(DicomFile file, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return StoreAsync(file, Choose(file.Dataset.GetString(DicomTag.SOPClassUID), file.TransferSyntax.UID.Value), cancellation);
    }

    async Task<DicomStatus> StoreAsync(DicomFile file, NegotiatedContext context, CancellationToken cancellation)
    {
        var asStored = file.TransferSyntax;
        file.TransferSyntax = DicomTransferSyntax.Lookup(context.TransferSyntax)!;
        using var bytes = new MemoryStream();
        try
        {
            file.Save(bytes);
        }
        finally
        {
            file.TransferSyntax = asStored;
        }
        return await StoreAsync(context, Part10Head.Read(bytes, "the instance"), bytes, cancellation);
    }

    Task<DicomStatus> StoreAsync(NegotiatedContext context, Part10Head head, Stream dataSet, CancellationToken cancellation)
    {
        var command = new DimseCommand
        {
            Field = CommandField.StoreRq,
            MessageId = ++_messageId,
            AffectedSopClassUid = head.SopClassUid,
            AffectedSopInstanceUid = head.SopInstanceUid,
            HasDataSet = true
        };
        return RequestAsync(context.Id, command, dataSet, dataSet.Length - head.DataSetOffset, cancellation);
    }

    /// <summary>The context in the instance's own syntax, else one between whose syntax and its own we can convert.</summary>
    NegotiatedContext Choose(string sopClass, string syntax)
    {
        var ofClass = Contexts.Where(c => c.AbstractSyntax == sopClass).ToArray();
        if (ofClass.FirstOrDefault(c => c.IsAccepted && c.TransferSyntax == syntax) is { } asItIs)
            return asItIs;
        if (AssociationProposal.IsInterchangeable(syntax)
            && ofClass.FirstOrDefault(c => c.IsAccepted && AssociationProposal.IsInterchangeable(c.TransferSyntax)) is { } other)
            return other;

        string instance = $"{Name(sopClass)} in {Name(syntax)}";
        var accepted = ofClass.Where(c => c.IsAccepted).Select(c => Name(c.TransferSyntax)).ToArray();
        throw new DicomNotAcceptedException(
            ofClass.Length == 0 ? $"{instance} was not proposed to {Peer}"
            : accepted.Length == 0 ? $"{Peer} does not accept {Name(sopClass)} ({string.Join(", ", ofClass.Select(c => c.Result).Distinct())})"
            : $"{Peer} does not accept {instance}, only in {string.Join(", ", accepted)}");
    }

    static string Name(string uid) => new DicomUID(uid).Name is var name && name != uid ? $"{name} ({uid})" : uid;

    async Task<DicomStatus> RequestAsync(byte contextId, DimseCommand command, Stream dataSet, long length, CancellationToken cancellation)
    {
        if (!IsOpen)
            throw new DicomNetworkException($"the association with {Peer} has ended");
        try
        {
            await _dimse.SendAsync(contextId, command, cancellation);
            if (command.HasDataSet)
                await _upperLayer.SendDataSetAsync(contextId, dataSet, length, cancellation);
            var response = await _dimse.ReceiveCommandAsync(_options.Limits.Response, cancellation)
                ?? throw DicomProtocolException.Unexpected("the peer asks for the release instead of a response");
            if (response.Field != (command.Field | CommandField.ResponseBit) || response.MessageId != command.MessageId)
                throw DicomProtocolException.Dimse($"response {response.Field:X4} to message {response.MessageId}, not to {command.MessageId}");
            await _dimse.DrainDataAsync(cancellation);
            return response.Status;
        }
        catch (Exception e)
        {
            // In the middle of a message there is no way on: whatever went next would be read as its rest.
            await BreakOffAsync(e);
            throw;
        }
    }

    /// <summary>Ends the association in order; the peer has confirmed when this returns.</summary>
    /// <exception cref="DicomNetworkException">The peer did not confirm.</exception>
    public async Task ReleaseAsync(CancellationToken cancellation = default)
    {
        if (!IsOpen)
            return;
        try
        {
            await _upperLayer.ReleaseAsync(cancellation);
        }
        catch (Exception e)
        {
            await BreakOffAsync(e);
            throw;
        }
    }

    /// <summary>Ends the association at once.</summary>
    public Task AbortAsync() => _upperLayer.AbortAsync(AbortSource.ServiceUser, AbortReason.NotSpecified).AsTask();

    ValueTask BreakOffAsync(Exception reason) => reason is DicomProtocolException fault
        ? _upperLayer.AbortAsync(fault.Source, fault.Reason)
        : _upperLayer.AbortAsync(AbortSource.ServiceUser, AbortReason.NotSpecified);

    string Peer => $"{_options.CalledAeTitle} ({_options.Host}:{_options.Port})";

    /// <summary>Closes the connection; an association that was not released is aborted.</summary>
    public async ValueTask DisposeAsync()
    {
        await AbortAsync();
        await _upperLayer.DisposeAsync();
        await _stream.DisposeAsync();
    }
}
