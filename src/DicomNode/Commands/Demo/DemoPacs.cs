using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Receive;

namespace SoftSeg.DicomNode.Commands.Demo;

/// <summary>A small PACS in this process: takes whatever is sent to it and keeps it in a folder.</summary>
sealed class DemoPacs : IDicomServiceHandler, IAsyncDisposable
{
    readonly InstanceSpool spool;
    readonly WebApplication host;
    readonly ConcurrentQueue<string> received = new();

    public DemoPacs(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IDicomServiceHandler>(this).AddSingleton(DicomLimits.Default).AddSingleton<DicomService>().AddSingleton<Web.DicomPort>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
        host = builder.Build();
        spool = new InstanceSpool(folder, DicomLimits.Default, host.Logger);
    }

    public const string AeTitle = "PACS";

    public int Port => NodeHost.Port(host);

    /// <summary>The files that came, in the order of their arrival.</summary>
    public IReadOnlyCollection<string> Received => received;

    public Task Start(CancellationToken cancellationToken) => host.StartAsync(cancellationToken);

    public AssociationAnswer AcceptAssociation(AssociationRequest request) => request.CalledAeTitle.Trim() == AeTitle
        ? AssociationAnswer.Accept(AcceptedServices.Default)
        : AssociationAnswer.Reject(AssociationRejection.CalledAeNotRecognized);

    public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) =>
        ValueTask.FromResult<IInstanceSink>(spool.Begin(context, (instance, _) =>
        {
            received.Enqueue(instance.Path);
            return ValueTask.CompletedTask;
        }));

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await host.DisposeAsync();
    }
}
