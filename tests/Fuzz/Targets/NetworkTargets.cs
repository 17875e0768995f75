using System.Buffers;
using System.IO.Pipelines;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Fuzz.Targets;

/// <summary>A whole connection to the acceptor: what a peer sends, and then its end.</summary>
sealed class ConnectionTarget : Target
{
    static readonly DicomLimits limits = DicomLimits.Default with { MaxInstance = 1 << 20 };

    public override string Name => "connection";

    public override IReadOnlyList<byte[]> Words { get; } =
        [[1, 0, 0, 0], [4, 0, 0, 0], [5, 0, 0, 0, 0, 4, 0, 0, 0, 0], [7, 0, 0, 0, 0, 4, 0, 0, 0, 0], [0x10, 0], [0x20, 0], [0x30, 0], [0x40, 0], [0x50, 0], [0x51, 0], [0x52, 0], [0x53, 0], [0x54, 0], [0x56, 0], [0x58, 0], "1.2.840.10008.1.1"u8.ToArray()];

    public override IEnumerable<byte[]> Seeds()
    {
        byte[] request = Request().ToBytes();
        var instance = SeedImages.Classic(0);
        var data = new MemoryStream();
        new DicomFile(instance).Save(data);
        var file = data.ToArray();
        var dataset = file[(144 + (int)BitConverter.ToUInt32(file, 140))..];
        var store = Command(CommandField.StoreRq, DicomUID.MRImageStorage.Value, instance.GetString(DicomTag.SOPInstanceUID), hasDataSet: true);
        byte[] release = [5, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        yield return [.. request, .. Data(3, 3, store), .. Data(3, 2, dataset), .. release];
        yield return [.. request, .. Data(3, 3, store), .. Data(3, 0, dataset[..200]), .. Data(3, 2, dataset[200..]), .. Data(1, 3, Command(CommandField.EchoRq, DicomUID.Verification.Value)), .. release];
        yield return [.. request, .. Data(1, 3, Command(CommandField.EchoRq, DicomUID.Verification.Value)), .. release];
        yield return [.. request, 7, 0, 0, 0, 0, 4, 0, 0, 0, 0];
    }

    public override void Run(byte[] input)
    {
        var fromPeer = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false, pauseWriterThreshold: 0));
        var toPeer = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false, pauseWriterThreshold: 0));
        fromPeer.Writer.Write(input);
        fromPeer.Writer.Complete();
        var serving = new DicomService(new Handler(), limits).RunAsync(new Ends(fromPeer.Reader, toPeer.Writer), null, CancellationToken.None);
        if (!serving.Wait(TimeSpan.FromSeconds(5)))
            throw new InvalidOperationException("The peer is gone, and the connection still stands.");
    }

    public override bool IsExpected(Exception e) => false;

    internal static AssociateRqPdu Request() => new("SOFTSEG", "FUZZ", 1, DicomUID.DICOMApplicationContext.Value,
        [
            new PresentationContext(1, DicomUID.Verification.Value, [DicomUID.ImplicitVRLittleEndian.Value]),
            new PresentationContext(3, DicomUID.MRImageStorage.Value, [DicomUID.ExplicitVRLittleEndian.Value, DicomUID.ImplicitVRLittleEndian.Value]),
        ],
        new UserInformation { MaxPdu = 16384, ImplementationClassUid = DicomFile.ImplementationClassUID, ImplementationVersionName = "FUZZ" });

    internal static byte[] Command(ushort field, string sopClass, string? instance = null, bool hasDataSet = false) =>
        new DimseCommand { Field = field, MessageId = 1, AffectedSopClassUid = sopClass, AffectedSopInstanceUid = instance, HasDataSet = hasDataSet }.ToBytes();

    internal static byte[] Data(byte context, byte control, byte[] bytes)
    {
        var length = bytes.Length + 2;
        var body = length + 4;
        return [4, 0, .. BigEndian(body), .. BigEndian(length), context, control, .. bytes];
    }

    static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    internal sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    internal sealed class Handler : IDicomServiceHandler
    {
        public AssociationAnswer AcceptAssociation(AssociationRequest request) => AssociationAnswer.Accept(AcceptedServices.Default);

        public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) => ValueTask.FromResult<IInstanceSink>(new ScanningSink(context, limits));
    }

}

/// <summary>Scans as the spool's does, and keeps nothing.</summary>
sealed class ScanningSink(StoreContext context, DicomLimits limits) : IInstanceSink
{
    readonly InstanceScan scan = new(context, limits);

    public ValueTask WriteAsync(ReadOnlySequence<byte> fragment, CancellationToken cancellation)
    {
        foreach (var piece in fragment)
            scan.Take(piece.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask<DicomStatus> CommitAsync(CancellationToken cancellation)
    {
        scan.Complete();
        return ValueTask.FromResult(DicomStatus.Success);
    }

    public ValueTask DisposeAsync()
    {
        scan.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A-ASSOCIATE-RQ and -AC, without what stands around them.</summary>
sealed class AssociateTarget : Target
{
    public override string Name => "associate";

    public override IReadOnlyList<byte[]> Words => new ConnectionTarget().Words;

    public override IEnumerable<byte[]> Seeds() => [ConnectionTarget.Request().ToBytes()[6..]];

    public override void Run(byte[] input)
    {
        Try(() => AssociateRqPdu.Parse(input));
        Try(() => AssociateAcPdu.Parse(input, ConnectionTarget.Request().Contexts));

        static void Try<T>(Func<T> parse)
        {
            try
            {
                parse();
            }
            catch (DicomProtocolException)
            {
            }
        }
    }
}

/// <summary>Command sets.</summary>
sealed class CommandTarget : Target
{
    public override string Name => "command";

    public override IEnumerable<byte[]> Seeds() =>
    [
        ConnectionTarget.Command(CommandField.EchoRq, DicomUID.Verification.Value),
        ConnectionTarget.Command(CommandField.StoreRq, DicomUID.MRImageStorage.Value, "1.2.3.4", hasDataSet: true),
        new DimseCommand { Field = CommandField.StoreRq | CommandField.ResponseBit, MessageId = 7, Status = DicomStatus.OutOfResources.With("disk full"), AffectedSopClassUid = "1.2" }.ToBytes(),
    ];

    public override void Run(byte[] input)
    {
        var command = DimseCommand.Parse(input);
        _ = command.Respond(DicomStatus.Success).ToBytes();
    }

    public override bool IsExpected(Exception e) => e is DicomProtocolException;
}
