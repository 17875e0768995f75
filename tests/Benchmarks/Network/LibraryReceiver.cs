using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Receive;

namespace SoftSeg.Benchmarks.Network;

/// <summary><c>library-scp</c>: the node's receiver alone, on Kestrel into the spool, without state, jobs, model and page: what of the node's cost is theirs shows beside it.</summary>
sealed class LibraryReceiver(InstanceSpool spool) : IDicomServiceHandler
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Required = true };
        var folder = new Option<string>("--folder") { Required = true };
        var command = new Command("library-scp", "The storage SCP of the library alone.") { port, folder };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(port), parsed.GetRequiredValue(folder), cancellation));
        return command;
    }

    static async Task RunAsync(int port, string folder, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ReceiveBuffers>();
        var service = new DicomService(new LibraryReceiver(new InstanceSpool(folder, DicomLimits.Default, NullLogger.Instance)));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Run(c => service.RunAsync(c.Transport, c.RemoteEndPoint, cancellation))));
        await using var app = builder.Build();
        await app.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
    }

    public AssociationAnswer AcceptAssociation(AssociationRequest request) => AssociationAnswer.Accept(AcceptedServices.Default);

    public ValueTask<IInstanceSink> OnStoreBeginAsync(StoreContext context, CancellationToken cancellation) => new(spool.Begin(context));
}
