using Hangfire;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Web;

/// <summary>
/// <c>/health/live</c>: the node serves its DICOM port; one that does not needs a restart. <c>/health/ready</c>: it can also keep what it is sent.
/// <c>/metrics</c>: Prometheus.
/// </summary>
static class HealthAndMetrics
{
    /// <summary>Tag of the checks without which the node needs a restart.</summary>
    public const string Live = "live";

    public static void AddHealthAndMetrics(this IServiceCollection services)
    {
        services.AddSingleton<NodeMetrics>().AddSingleton<DiskSpace>().AddSingleton<DicomPort>();
        services.AddHealthChecks()
            .AddCheck<DicomPortCheck>("DICOM port", tags: [Live])
            .AddCheck<StateCheck>("state")
            .AddCheck<DiskCheck>("disk");
    }

    public static void MapHealthAndMetrics(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Live), ResponseWriter = Write });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = Write });
        var metrics = app.Services.GetRequiredService<NodeMetrics>();
        metrics.Observe(app.Services.GetRequiredService<NodeState>(), app.Services.GetRequiredService<DiskSpace>(),
            app.Services.GetRequiredService<CordSegmenter>(), app.Services.GetRequiredService<JobStorage>());
        app.MapMetrics(settings => settings.Registry = metrics.Registry);
    }

    /// <summary>One line for each check: a person reads it as it is.</summary>
    static Task Write(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(string.Concat(report.Entries.Select(entry => $"{entry.Value.Status}: {entry.Key}: {entry.Value.Description}\n").Prepend($"{report.Status}\n")));
    }
}
