using Hangfire;
using Prometheus;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Segment;
using SoftSeg.DicomNode.State;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Web;

/// <summary>What the node counts, for Prometheus. What the state or the disk knows is read when someone asks.</summary>
public sealed class NodeMetrics
{
    readonly Gauge openAssociations;
    readonly Counter associations;
    readonly Counter instances;
    readonly Counter bytes;
    readonly Histogram steps;
    readonly Counter deliveries;
    readonly Counter outOfMemory;
    readonly MetricFactory factory;

    public NodeMetrics()
    {
        factory = Metrics.WithCustomRegistry(Registry);
        DotNetStats.Register(Registry);
        openAssociations = factory.CreateGauge("softseg_associations_open", "Associations that are open now.");
        associations = factory.CreateCounter("softseg_associations_total", "Associations and connections that ended, by how.", "end");
        instances = factory.CreateCounter("softseg_instances_total", "Instances by what the node answered and had: new, identical, different, refused.", "outcome");
        bytes = factory.CreateCounter("softseg_received_bytes_total", "Bytes of the data sets that were stored.");
        steps = factory.CreateHistogram("softseg_step_seconds", "Seconds that a step of a series took.", ["step"],
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.05, 2, 14) });
        deliveries = factory.CreateCounter("softseg_deliveries_total", "Attempts to send results, by peer and outcome.", "peer", "outcome");
        outOfMemory = factory.CreateCounter("softseg_out_of_memory_total", "Volumes that the CPU took over because the device had no memory left, by provider.", "provider");
    }

    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    public void AssociationStarted() => openAssociations.Inc();

    public void AssociationEnded(AssociationSummary summary)
    {
        if (summary.Association is not null)
            openAssociations.Dec();
        associations.WithLabels(summary.End.ToString()).Inc();
        if (summary.Refused > 0)
            instances.WithLabels("refused").Inc(summary.Refused);
    }

    public void Stored(StoredInstance instance)
    {
        instances.WithLabels(instance.Outcome.ToString().ToLowerInvariant()).Inc();
        bytes.Inc(instance.Length);
    }

    public void Steps(IEnumerable<StepTime> times)
    {
        foreach (var time in times)
            steps.WithLabels(time.Step).Observe(time.Time.TotalSeconds);
    }

    public void RanOutOfMemory(string provider) => outOfMemory.WithLabels(provider).Inc();

    public void Delivered(string peer, string outcome) => deliveries.WithLabels(peer, outcome).Inc();

    /// <summary>Reads, at each scrape, what others know.</summary>
    public void Observe(NodeState state, DiskSpace disk, CordSegmenter segmenter, JobStorage jobs)
    {
        var series = factory.CreateGauge("softseg_series", "Series that the node knows, by state.", "state");
        var up = factory.CreateGauge("softseg_state_up", "1 when the state can be read, 0 when it can't; then softseg_series is that of before.");
        var queues = factory.CreateGauge("softseg_queue_length", "Jobs that wait for a worker, by queue; later: those that wait for their next attempt.", "queue");
        var free = factory.CreateGauge("softseg_disk_free_bytes", "Room left on the disk of the data directory.");
        var total = factory.CreateGauge("softseg_disk_total_bytes", "Size of the disk of the data directory.");
        factory.CreateGauge("softseg_engine_info", "The model and what it runs on; always 1.", "model", "version", "sha256", "provider")
            .WithLabels(segmenter.Model.Name, segmenter.Model.Version, segmenter.Model.Sha256, segmenter.Provider).Set(1);
        Registry.AddBeforeCollectCallback(() =>
        {
            try
            {
                var counts = state.Counts();
                foreach (var name in Enum.GetValues<SeriesState>())
                    series.WithLabels(name.ToString().ToLowerInvariant()).Set(counts.GetValueOrDefault(name));
                up.Set(1);
            }
            catch (System.Data.Common.DbException)
            {
                // The rest is worth knowing all the same, most of all now.
                up.Set(0);
            }
            var monitor = jobs.GetMonitoringApi();
            foreach (var queue in (ReadOnlySpan<string>)[SeriesJobs.SortQueue, SeriesJobs.UrgentQueue, SeriesJobs.SegmentQueue, SeriesJobs.ReturnQueue])
                queues.WithLabels(queue).Set(monitor.EnqueuedCount(queue));
            queues.WithLabels("later").Set(monitor.ScheduledCount());
            free.Set(disk.Free);
            total.Set(disk.Total);
        });
    }
}
