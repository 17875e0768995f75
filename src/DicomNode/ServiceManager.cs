using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Hosting.WindowsServices;
using SoftSeg.DicomNode.Web;

namespace SoftSeg.DicomNode;

/// <summary>The node as a service of systemd (Type=notify, with watchdog) or of Windows; started by hand it is neither.</summary>
static class ServiceManager
{
    public static void AddServiceManager(this IServiceCollection services)
    {
        services.AddWindowsService(options => options.ServiceName = "SoftSeg");
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 })
            return;
        // AddSystemd asks whether the parent is systemd; a socket to notify says the same, also below a wrapper.
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        services.AddHostedService<Watchdog>();
    }
}

/// <summary>
/// Tells systemd twice in each <c>WatchdogSec</c> that the node serves its DICOM port (sd_watchdog_enabled(3)). When it does not, nothing is told,
/// and systemd restarts it.
/// </summary>
sealed class Watchdog(ISystemdNotifier systemd, HealthCheckService health, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Watchdog> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) || microseconds <= 0)
            return;
        var started = new TaskCompletionSource();
        using var _ = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(microseconds / 2.0), time);
        do
        {
            var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthAndMetrics.Live), stoppingToken);
            if (report.Status == HealthStatus.Healthy)
                systemd.Notify(new ServiceState("WATCHDOG=1"));
            else
                logger.SelfTestFailed(string.Join("; ", report.Entries.Select(entry => entry.Value.Description)));
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
