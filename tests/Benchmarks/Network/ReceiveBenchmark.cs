using System.CommandLine;
using System.Globalization;
using SoftSeg.Benchmarks.Inference;

namespace SoftSeg.Benchmarks.Network;

/// <summary><c>receive</c>: MR images of 256 x 256 to disk, beside a bare receiver that flushes, DCMTK and Orthanc; one after another, round by round.</summary>
static class ReceiveBenchmark
{
    public static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Rounds to take the medians of.", DefaultValueFactory = _ => 5 };
        var instances = new Option<int>("--instances") { Description = "Images a run.", DefaultValueFactory = _ => 1000 };
        var gigabyte = new Option<bool>("--gigabyte") { Description = "One instance of 1 GB instead, for its memory." };
        var bare = new Option<bool>("--bare") { Description = "Only the bare receivers as peers." };
        var command = new Command("receive", "Receiving to disk, against peers.") { runs, instances, gigabyte, bare };
        command.SetAction((parsed, _) => parsed.GetValue(gigabyte) ? GigabyteAsync() : RunAsync(parsed.GetValue(runs), parsed.GetValue(instances), parsed.GetValue(bare)));
        return command;
    }

    static async Task RunAsync(int runs, int instances, bool onlyBare)
    {
        Func<Peer>[] starts = [Peer.SoftSeg, Peer.Library, Peer.Bare, Peer.BareWithFolder, .. onlyBare ? Array.Empty<Func<Peer>>() : [Peer.StorescpFast, Peer.Orthanc]];
        Peer[] peers = [.. starts.Select(start => start())];
        try
        {
            var megabytes = instances * new ReplayInstance(256, 256, 1, 131072).DatasetLength / 1e6;
            foreach (var associations in new[] { 1, 4 })
            {
                var (rates, processor) = (peers.ToDictionary(p => p, _ => new List<double>()), peers.ToDictionary(p => p, _ => new List<double>()));
                for (var run = 0; run <= runs; run++)
                {
                    foreach (var peer in peers)
                    {
                        var before = peer.ProcessorSeconds;
                        var seconds = await ReplaySender.RunAsync(peer.Port, peer.AeTitle, associations, instances, 256, 256, 1);
                        if (run == 0)
                            continue;
                        rates[peer].Add(megabytes / seconds);
                        processor[peer].Add((peer.ProcessorSeconds - before) * 1000 / instances);
                    }
                }
                var ours = peers[0];
                foreach (var peer in peers)
                {
                    var (speed, cost) = (rates[ours].Zip(rates[peer], (a, b) => a / b).ToList(), processor[ours].Zip(processor[peer], (a, b) => a / b).ToList());
                    Line($"{associations} association{(associations == 1 ? " " : "s")} {peer.Name,-15} {InferenceBenchmark.Median(rates[peer]),7:0.0} MB/s ({rates[peer].Min():0.0} to {rates[peer].Max():0.0}), {InferenceBenchmark.Median(processor[peer]),5:0.00} CPU s per 1000, peak {peer.PeakMegabytes,5:0} MB; softseg is {InferenceBenchmark.Median(speed):0.00} x its speed, {InferenceBenchmark.Median(cost):0.00} x its CPU");
                }
            }
        }
        finally
        {
            foreach (var peer in peers)
                peer.Dispose();
        }
    }

    static async Task GigabyteAsync()
    {
        foreach (var start in new Func<Peer>[] { Peer.Bare, Peer.SoftSeg, Peer.Library, Peer.StorescpFast, Peer.Storescp, Peer.Orthanc })
        {
            using var peer = start();
            var before = peer.PeakMegabytes;
            var seconds = await ReplaySender.RunAsync(peer.Port, peer.AeTitle, 1, 1, 1024, 1024, 500);
            Line($"{peer.Name,-15} one instance of 1049 MB: {1049 / seconds,6:0.0} MB/s, peak {peer.PeakMegabytes,5:0} MB ({before:0} MB before)");
        }
    }

    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
