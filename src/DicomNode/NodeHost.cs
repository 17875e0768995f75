using System.Net;
using System.Reflection;
using Hangfire;
using Hangfire.InMemory;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Assemble;
using SoftSeg.DicomNode.Audit;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Receive;
using SoftSeg.DicomNode.Return;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;
using SoftSeg.DicomNode.Web;

namespace SoftSeg.DicomNode;

/// <summary>Puts the node together: Receive -> Assemble -> Segment -> Return on one host.</summary>
static class NodeHost
{
    public static string Version { get; } =
        typeof(NodeHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>A segmentation under way and the tail of an association get this long after SIGTERM.</summary>
    public static TimeSpan ShutdownTimeout { get; } = TimeSpan.FromSeconds(20);

    /// <exception cref="IOException">The data directory is in use or can't be made.</exception>
    /// <exception cref="SegEngine.ModelPackageException">The model package is damaged or of another format.</exception>
    public static WebApplication Build(NodeConfiguration configuration, bool logToConsole, IPAddress? address = null, string? configurationFile = null)
    {
        var data = new DataDirectory(configuration.Node.DataDirectory);
        var builder = WebApplication.CreateSlimBuilder();
        var services = builder.Services;

        var level = new LoggingLevelSwitch(Enum.Parse<LogEventLevel>(configuration.Log.Level));
        services.AddSerilog(Logging(configuration.Log, level, data, logToConsole).CreateLogger(), dispose: true);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);

        services.AddSingleton(configuration).AddSingleton(data).AddSingleton(TimeProvider.System);
        services.AddSingleton(data.Lock());
        services.AddSingleton(OpenState(configuration, data, remakeDamaged: true));
        services.AddSingleton<SeriesArrivals>().AddSingleton<OriginArchive>().AddSingleton<MissingInstances>().AddSingleton<SeriesJobs>().AddSingleton<StateOutages>();
        services.AddSingleton(DicomLimits.Default with
        {
            // All may come through one gateway.
            MaxAssociations = configuration.Node.MaxAssociations,
            MaxAssociationsPerAddress = configuration.Node.MaxAssociations,
            MaxConnections = Math.Max(DicomLimits.Default.MaxConnections, 2 * configuration.Node.MaxAssociations),
        }).AddSingleton<Spool>();
        services.AddSingleton<Intake>().AddSingleton<IDicomServiceHandler, ReceivingHandler>().AddSingleton<DicomService>();
        services.AddSingleton<CordSegmenter>().AddSingleton<Segmenters>().AddSingleton<SegmentationPlaces>().AddTransient<SortStep>().AddTransient<SegmentStep>();
        services.AddSingleton<PeerConnections>().AddSingleton<ResultSender>().AddSingleton<Commitments>().AddSingleton<EarlierResults>().AddTransient<ReturnStep>();

        // Nobody looks at a job that has ended: the state knows what became of its series. Kept for an hour, thousands of them take tens of megabytes.
        services.AddHangfire((provider, hangfire) => hangfire.UseFilter(provider.GetRequiredService<StateOutages>())
            .UseInMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromMinutes(1) }));
        services.AddHangfireServer(options => { options.Queues = [SeriesJobs.SortQueue]; options.WorkerCount = 1; });
        // Queues are served in this order: an urgent series waits for those under way and for no other.
        services.AddHangfireServer(options => { options.Queues = [SeriesJobs.UrgentQueue, SeriesJobs.SegmentQueue]; options.WorkerCount = configuration.Jobs.Concurrent; });
        services.AddHangfireServer(options =>
        {
            options.Queues = [SeriesJobs.ReturnQueue];
            options.WorkerCount = 4;
            options.SchedulePollingInterval = TimeSpan.FromSeconds(1);
        });

        services.AddServiceManager();
        services.AddSingleton<AuditTrail>().AddHostedService(provider => provider.GetRequiredService<AuditTrail>());
        services.AddHostedService<StartUp>();
        services.AddHostedService<AssembleService>();
        services.AddHostedService<RetryService>();
        services.AddHostedService<Retention>();

        services.AddSingleton(new ConfigurationSource(configurationFile)).AddSingleton(level);
        services.AddHostedService<ConfigurationReload>();
        services.AddHealthAndMetrics();

        services.AddSingleton<IMemoryPoolFactory<byte>, ReceiveBuffers>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Action<ListenOptions> serve = listen => listen.UseConnectionHandler<DicomConnectionHandler>();
            // ListenAnyIP does without IPv6 where the machine has none.
            if (address is null)
                kestrel.ListenAnyIP(configuration.Node.Port, serve);
            else
                kestrel.Listen(address, configuration.Node.Port, serve);
            if (configuration.Tls.Port > 0)
            {
                var tls = Secrets.Load(configuration.Tls);
                kestrel.ListenAnyIP(configuration.Tls.Port, listen => listen.Run(connection => listen.ApplicationServices.GetRequiredService<DicomService>().RunAsync(
                    connection.Transport, connection.RemoteEndPoint, listen.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, tls)));
            }
            if (configuration.Web.Enabled)
                kestrel.Listen(IPAddress.Parse(configuration.Web.Address), configuration.Web.Port);
        });
        var app = builder.Build();
        if (configuration.Web.Enabled)
            app.MapHealthAndMetrics();
        return app;
    }

    /// <exception cref="IOException">The database server can't be reached.</exception>
    internal static NodeState OpenState(NodeConfiguration configuration, DataDirectory data, bool remakeDamaged = false) => configuration.Node.PostgreSql.Length == 0
        ? NodeState.Open(data.StateFile, TimeProvider.System, remakeDamaged)
        : NodeState.OpenPostgreSql(configuration.Node.PostgreSql, TimeProvider.System);

    /// <summary>The port that a started host listens on, also where the configuration says 0.</summary>
    public static int Port(WebApplication host) => host.Services.GetRequiredService<DicomPort>().Number;

    static LoggerConfiguration Logging(LogSettings settings, LoggingLevelSwitch level, DataDirectory data, bool toConsole)
    {
        const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {Message:lj}{NewLine}{Exception}";
        var logging = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Hangfire", LogEventLevel.Warning)
            .WriteTo.File(Path.Combine(data.Logs, "softseg-.log"), outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                rollingInterval: RollingInterval.Day, retainedFileCountLimit: settings.KeepDays);
        return toConsole ? logging.WriteTo.Console(outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture) : logging;
    }
}
