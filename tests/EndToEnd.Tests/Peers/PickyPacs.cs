using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom.Network;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>
/// A PACS that negotiates everything and then refuses by content, which no PACS at hand can be told to do (Orthanc 1.10 answers success to what its filter
/// refuses). It keeps what it takes.
/// </summary>
sealed class PickyPacs : IDicomServiceHandler, IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly TemporaryFolder folder = new();
    readonly InstanceSpool spool;
    readonly Func<byte[], DicomStatus> answer;
    readonly ConcurrentQueue<string> received = new();
    readonly Task accepting;

    /// <param name="answer">The status for a data set; it is kept where that means stored.</param>
    public PickyPacs(Func<byte[], DicomStatus> answer)
    {
        this.answer = answer;
        spool = new InstanceSpool(folder.Path, DicomLimits.Default, NullLogger.Instance);
        listener.Start();
        accepting = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The files that it took, in the order of their arrival.</summary>
    public IReadOnlyCollection<string> Received => received;

    public AssociationAnswer AcceptAssociation(AssociationRequest request) => AssociationAnswer.Accept(AcceptedServices.Default);

    public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) =>
        ValueTask.FromResult<IInstanceSink>(new Sink(this, spool.Begin(context, (instance, _) =>
        {
            received.Enqueue(instance.Path);
            return ValueTask.CompletedTask;
        })));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        folder.Dispose();
        stop.Dispose();
    }

    async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(Serve(await listener.AcceptSocketAsync(stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    async Task Serve(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        await new DicomService(this).RunAsync(new Transport(PipeReader.Create(stream), PipeWriter.Create(stream)), socket.RemoteEndPoint, stop.Token);
    }

    sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    sealed class Sink(PickyPacs pacs, IInstanceSink kept) : IInstanceSink
    {
        readonly ArrayBufferWriter<byte> dataSet = new();

        public ValueTask WriteAsync(ReadOnlySequence<byte> fragment, CancellationToken cancellation)
        {
            foreach (var part in fragment)
                dataSet.Write(part.Span);
            return kept.WriteAsync(fragment, cancellation);
        }

        public ValueTask<DicomStatus> CommitAsync(CancellationToken cancellation) =>
            pacs.answer(dataSet.WrittenSpan.ToArray()) is { IsStored: false } refusal ? ValueTask.FromResult(refusal) : kept.CommitAsync(cancellation);

        public ValueTask DisposeAsync() => kept.DisposeAsync();
    }
}
