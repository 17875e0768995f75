using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// The SCU: one association with a peer, for any number of requests of the services that were proposed, one after the other. Instances go as the bytes that they are where the peer accepted their
/// transfer syntax, otherwise converted into an uncompressed little endian syntax, decompressed where they are compressed; nothing is ever left out of them. Not for concurrent use.
/// </summary>
public sealed partial class DicomClient : IAsyncDisposable
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

    /// <summary>The roles that the peer grants us, where we asked for other ones than SCU.</summary>
    public IReadOnlyList<RoleSelection> Roles { get; private set; } = [];

    /// <summary>The peer checked <see cref="DicomClientOptions.User"/>, and says so; peers that know no users say nothing.</summary>
    public bool IsUserAccepted { get; private set; }

    /// <summary>Implementation Version Name of the peer, or its Class UID where it gives no name.</summary>
    public string PeerImplementation { get; private set; } = "";

    /// <summary>One object for all that comes on it.</summary>
    DicomAssociation Association => field ??= new()
    {
        CallingAeTitle = _options.CallingAeTitle,
        CalledAeTitle = _options.CalledAeTitle,
        Remote = new DnsEndPoint(_options.Host, _options.Port),
        ImplementationClassUid = "",
        ImplementationVersionName = PeerImplementation,
        Contexts = Contexts
    };

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
        return await AssociateAsync(options, await OpenAsync(options, cancellation), proposal, cancellation);
    }

    /// <summary>Negotiates on a connection that stands.</summary>
    internal static async Task<DicomClient> AssociateAsync(DicomClientOptions options, Stream stream, AssociationProposal proposal, CancellationToken cancellation)
    {
        var client = new DicomClient(options, stream, new UpperLayer(new StreamDuplexPipe(stream), options.Limits, isRequestor: true));
        try
        {
            await client.NegotiateAsync(proposal, cancellation);
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
            var stream = new QuickAckStream(socket);
            return options.Tls is null ? stream : await EncryptAsync(stream, options, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new DicomTimeoutException($"no connection to {options.Host}:{options.Port} within {options.Limits.Handshake.TotalSeconds:0.#} s: check host, port and firewall"
                + (options.Tls is null ? "" : ", and whether the port speaks TLS"));
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

    internal static async Task<Stream> EncryptAsync(Stream stream, DicomClientOptions options, CancellationToken cancellation)
    {
        var authentication = options.Tls!.ForClient(options.Host);
        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(authentication, cancellation);
            return encrypted;
        }
        // SslStream throws more than AuthenticationException and IOException on bytes that are made to break it.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            string fault = DicomTls.Describe(e);
            throw new DicomNetworkException($"no TLS with {options.Host}:{options.Port} ({fault}): {DicomTls.Advise(fault)}", e);
        }
    }

    async Task NegotiateAsync(AssociationProposal proposal, CancellationToken cancellation)
    {
        var contexts = proposal.ToContexts();
        var user = new UserInformation
        {
            MaxPdu = (uint)_options.Limits.MaxPdu,
            ImplementationClassUid = DicomFile.ImplementationClassUID,
            ImplementationVersionName = DicomFile.ImplementationVersionName,
            Roles = proposal.ToRoles(),
            UserIdentity = _options.User is { } sent
                ? new DicomUserIdentity(sent.Passcode is null ? (byte)1 : (byte)2, Encoding.UTF8.GetBytes(sent.Username), Encoding.UTF8.GetBytes(sent.Passcode ?? ""))
                : null,
            WantsIdentityResponse = _options.User is not null
        };
        await _upperLayer.SendAssociateRequestAsync(
            new AssociateRqPdu(_options.CalledAeTitle, _options.CallingAeTitle, 1, PduItemType.DicomApplicationContext, contexts, user), cancellation);
        var indication = await _upperLayer.ReceiveAsync(_options.Limits.Artim, cancellation);
        if (indication == Indication.AssociateRejected)
            throw new DicomAssociationRejectedException(AssociateRjPdu.Parse(_upperLayer.Received.ContiguousBody()), _options);

        var answer = AssociateAcPdu.Parse(_upperLayer.Received.ContiguousBody(), contexts);
        _upperLayer.PeerMaxPdu = PduSize.ToSend(answer.User.MaxPdu, _options.Limits);
        Contexts = answer.Contexts;
        Roles = answer.User.Roles;
        IsUserAccepted = answer.User.AcceptsIdentity;
        PeerImplementation = answer.User.ImplementationVersionName is { Length: > 0 } name ? name : answer.User.ImplementationClassUid;
    }

    /// <summary>C-ECHO.</summary>
    /// <exception cref="DicomNotAcceptedException">The peer did not accept verification.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public Task<DicomStatus> EchoAsync(CancellationToken cancellation = default)
    {
        var context = ContextOf(AcceptedServices.VerificationSopClass);
        var command = new DimseCommand { Field = CommandField.EchoRq, MessageId = ++_messageId, AffectedSopClassUid = context.AbstractSyntax };
        return RequestAsync(context, command, Stream.Null, 0, cancellation);
    }

    /// <exception cref="DicomNotAcceptedException">The peer did not accept it.</exception>
    NegotiatedContext ContextOf(string sopClass) => Contexts.FirstOrDefault(c => c.AbstractSyntax == sopClass && c.IsAccepted)
        ?? throw new DicomNotAcceptedException(Contexts.FirstOrDefault(c => c.AbstractSyntax == sopClass) is { } refused
            ? $"{Peer} does not accept {Name(sopClass)} ({refused.Result})"
            : $"{Name(sopClass)} was not proposed to {Peer}");

    /// <summary>C-STORE of a Part 10 file. Failures of the peer are in the status; B000, B006 and B007 mean stored.</summary>
    /// <exception cref="DicomNotAcceptedException">The peer accepted no context in which it could go; the message says what it did accept. Others may still go.</exception>
    /// <exception cref="InvalidDataException">Not a Part 10 file.</exception>
    /// <exception cref="DicomNetworkException">The association ended.</exception>
    public async Task<DicomStatus> StoreAsync(string path, CancellationToken cancellation = default) => (await StoreFileAsync(path, cancellation)).Status!;

    async Task<StoreResult> StoreFileAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var head = Part10Head.Read(file, path);
        var context = Choose(head.SopClassUid, head.TransferSyntaxUid);
        if (context.TransferSyntax == head.TransferSyntaxUid)
            return new StoreResult(path, await StoreAsync(context, head, file, cancellation), null);
        var status = await StoreAsync(DicomFile.Open(file.Name), context, cancellation);
        return new StoreResult(path, status, null) { Conversion = $"{Name(head.TransferSyntaxUid)} into {Name(context.TransferSyntax)}" };
    }

    /// <summary>C-STORE of many files on this association, each with its own outcome: what the peer does not take, and what is no DICOM file, stops nothing.</summary>
    /// <exception cref="DicomNetworkException">The association ended; what was not given yet was not stored.</exception>
    public async IAsyncEnumerable<StoreResult> StoreAllAsync(IEnumerable<string> paths, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (string path in paths)
        {
            StoreResult result;
            try
            {
                result = await StoreFileAsync(path, cancellation);
            }
            catch (Exception e) when (e is DicomNotAcceptedException or InvalidDataException or DicomDataException or FileNotFoundException)
            {
                result = new StoreResult(path, null, e.Message);
            }
            yield return result;
        }
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
        if (file.TransferSyntax.IsEncapsulated && context.TransferSyntax != file.TransferSyntax.UID.Value)
            file = Decompress(file, cancellation);
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

    DicomFile Decompress(DicomFile file, CancellationToken cancellation)
    {
        try
        {
            return PixelData.Decompress(file, _options.Limits, cancellation);
        }
        catch (DicomDataException e)
        {
            throw new DicomNotAcceptedException($"{Peer} does not accept {Name(file.Dataset.GetString(DicomTag.SOPClassUID))} in {Name(file.TransferSyntax.UID.Value)}, and it can't be decompressed: {e.Message}");
        }
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
        return RequestAsync(context, command, dataSet, dataSet.Length - head.DataSetOffset, cancellation);
    }

    /// <summary>The context in the instance's own syntax, else one between whose syntax and its own we can convert.</summary>
    NegotiatedContext Choose(string sopClass, string syntax)
    {
        var ofClass = Contexts.Where(c => c.AbstractSyntax == sopClass).ToArray();
        if (ofClass.FirstOrDefault(c => c.IsAccepted && c.TransferSyntax == syntax) is { } asItIs)
            return asItIs;
        if (AssociationProposal.IsConvertible(syntax)
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

    /// <summary>A request with one response.</summary>
    Task<DicomStatus> RequestAsync(NegotiatedContext context, DimseCommand command, Stream dataSet, long length, CancellationToken cancellation) => OnAssociationAsync(async () =>
    {
        await _dimse.SendAsync(context.Id, command, cancellation);
        if (command.HasDataSet)
            await _upperLayer.SendDataSetAsync(context.Id, dataSet, length, cancellation);
        var response = await ReceiveResponseAsync(command, _options.Limits.Response, cancellation);
        await _dimse.DrainDataAsync(cancellation);
        return response.Status;
    });

    Task<DicomStatus> RequestAsync(NegotiatedContext context, DimseCommand command, DicomDataset dataSet, CancellationToken cancellation) => OnAssociationAsync(async () =>
    {
        await _dimse.SendAsync(context.Id, command, dataSet, context.TransferSyntax, cancellation);
        var response = await ReceiveResponseAsync(command, _options.Limits.Response, cancellation);
        await _dimse.DrainDataAsync(cancellation);
        return response.Status;
    });

    /// <summary>The next response to <paramref name="request"/>. What the peer asks of us meanwhile is answered.</summary>
    async Task<DimseCommand> ReceiveResponseAsync(DimseCommand request, TimeSpan wait, CancellationToken cancellation)
    {
        while (true)
        {
            var received = await _dimse.ReceiveCommandAsync(wait, cancellation)
                ?? throw DicomProtocolException.Unexpected("the peer asks for the release instead of a response");
            if (!received.IsResponse)
            {
                await AnswerAsync(received, cancellation);
                continue;
            }
            if (received.Field != (request.Field | CommandField.ResponseBit) || received.MessageId != request.MessageId)
                throw DicomProtocolException.Dimse($"response {received.Field:X4} to message {received.MessageId}, not to {request.MessageId}");
            return received;
        }
    }

    /// <summary>A request of the peer on our association: an instance of a C-GET, or the result of a storage commitment.</summary>
    async Task AnswerAsync(DimseCommand request, CancellationToken cancellation)
    {
        byte contextId = _dimse.ContextId;
        var context = Contexts.FirstOrDefault(c => c.Id == contextId && c.IsAccepted)
            ?? throw DicomProtocolException.Dimse($"message on presentation context {contextId}, which was not accepted");
        var status = request.Field switch
        {
            CommandField.StoreRq when _retrieval is not null => await TakeAsync(request, context, cancellation),
            CommandField.EventReportRq when context.AbstractSyntax == StorageCommitment.SopClass => await HearAsync(request, context, cancellation),
            _ => throw DicomProtocolException.Dimse($"request {request.Field:X4}, which we do not serve on this association")
        };
        await _dimse.SendAsync(contextId, request.Respond(status), cancellation);
    }

    /// <summary>Does something on the association; where it fails the association ends.</summary>
    async Task<T> OnAssociationAsync<T>(Func<Task<T>> work)
    {
        if (!IsOpen)
            throw new DicomNetworkException($"the association with {Peer} has ended");
        try
        {
            return await work();
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
