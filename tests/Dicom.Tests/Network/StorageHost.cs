using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>A storage SCP on 127.0.0.1 with a spool, on Kestrel as in the node.</summary>
sealed class StorageHost : IDicomServiceHandler, IAsyncDisposable
{
    readonly WebApplication _app;
    readonly CancellationTokenSource _stopping = new();

    readonly DicomService _service;

    StorageHost(DicomLimits limits, SpoolOptions? spoolOptions, DicomTls? tls)
    {
        _service = new DicomService(this, limits, new LinesLogger(Log));
        Limits = limits;
        Root = Directory.CreateTempSubdirectory("softseg-net-").FullName;
        Spool = new InstanceSpool(Path.Combine(Root, "spool"), limits, NullLogger.Instance, spoolOptions);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => 
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Run(connection => ServeAsync(connection, null)));
            if (tls is not null)
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Run(connection => ServeAsync(connection, tls)));
        });
        _app = builder.Build();
    }

    public DicomLimits Limits { get; }

    public string Root { get; }

    public InstanceSpool Spool { get; }

    public string AeTitle { get; init; } = "SOFTSEG";

    public AcceptedServices Services { get; init; } = AcceptedServices.Default;

    public Func<AssociationRequest, AssociationAnswer>? OnAssociate { get; init; }

    /// <summary>Thrown once, where the application would index a stored instance.</summary>
    public Exception? FailOnce { get; set; }

    public int Port { get; private set; }

    /// <summary>Beside <see cref="Port"/>, where TLS is on.</summary>
    public int TlsPort { get; private set; }

    /// <summary>What the network side logged.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    public ConcurrentQueue<StoredInstance> Stored { get; } = [];

    public ConcurrentQueue<AssociationSummary> Ended { get; } = [];

    public ConcurrentQueue<CommitmentRequest> CommitmentRequests { get; } = [];

    public ConcurrentQueue<CommitmentResult> CommitmentResults { get; } = [];

    public static async Task<StorageHost> StartAsync(
        DicomLimits? limits = null, AcceptedServices? services = null, Func<AssociationRequest, AssociationAnswer>? onAssociate = null, SpoolOptions? spool = null, DicomTls? tls = null)
    {
        var host = new StorageHost(limits ?? DicomLimits.Default, spool, tls) { Services = services ?? AcceptedServices.Default, OnAssociate = onAssociate };
        await host._app.StartAsync();
        int[] ports = [.. host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
        (host.Port, host.TlsPort) = (ports[0], ports[^1]);
        return host;
    }

    Task ServeAsync(ConnectionContext connection, DicomTls? tls) =>
        _service.RunAsync(connection.Transport, connection.RemoteEndPoint, _stopping.Token, tls);

    public AssociationAnswer AcceptAssociation(AssociationRequest request)
    {
        if (OnAssociate is not null)
            return OnAssociate(request);
        return request.CalledAeTitle == AeTitle
            ? AssociationAnswer.Accept(Services)
            : AssociationAnswer.Reject(AssociationRejection.CalledAeNotRecognized);
    }

    public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) =>
        ValueTask.FromResult<IInstanceSink>(Spool.Begin(context, (instance, _) =>
        {
            if (FailOnce is { } fault)
            {
                FailOnce = null;
                throw fault;
            }
            Stored.Enqueue(instance);
            return ValueTask.CompletedTask;
        }));

    /// <summary>As an archive: promises, and answers on an association of its own.</summary>
    public ValueTask<DicomStatus> OnCommitmentRequestAsync(DicomAssociation association, CommitmentRequest request, CancellationToken cancellation)
    {
        CommitmentRequests.Enqueue(request);
        return ValueTask.FromResult(DicomStatus.Success);
    }

    public ValueTask<DicomStatus> OnCommitmentResultAsync(DicomAssociation association, CommitmentResult result, CancellationToken cancellation)
    {
        CommitmentResults.Enqueue(result);
        return ValueTask.FromResult(DicomStatus.Success);
    }

    public void OnAssociationEnd(AssociationSummary summary) => Ended.Enqueue(summary);

    public DicomClientOptions Client(DicomLimits? limits = null) =>
        new() { Host = "127.0.0.1", Port = Port, CalledAeTitle = AeTitle, CallingAeTitle = "TESTER", Limits = limits ?? Limits };

    /// <summary>Files that are in the spool, finished or not.</summary>
    public string[] Files() => [.. Directory.EnumerateFiles(Spool.Directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public async Task<AssociationSummary> WaitForEndAsync()
    {
        await Until.TrueAsync(() => !Ended.IsEmpty, "an association ended");
        return Ended.First();
    }

    /// <summary>What SIGTERM does to the node's associations.</summary>
    public Task StopServingAsync() => _stopping.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var quick = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(quick.Token);
        await _app.DisposeAsync();
        _stopping.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

sealed class LinesLogger(ConcurrentQueue<string> lines) : ILogger<DicomService>
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue(formatter(state, exception));
}
