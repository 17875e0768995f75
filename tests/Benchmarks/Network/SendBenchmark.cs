using System.CommandLine;
using System.Diagnostics;
using SoftSeg.Benchmarks.Inference;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Benchmarks.Network;

/// <summary><c>send</c>: files to a stock storescp and to Orthanc, beside storescu. Ours runs in this process, as in the node; storescu is its whole process.</summary>
static class SendBenchmark
{
    public static Command Create()
    {
        var runs = new Option<int>("--runs") { Description = "Rounds to take the medians of.", DefaultValueFactory = _ => 5 };
        var instances = new Option<int>("--instances") { Description = "Images a run.", DefaultValueFactory = _ => 1000 };
        var command = new Command("send", "Sending files, against storescu.") { runs, instances };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(runs), parsed.GetValue(instances), cancellation));
        return command;
    }

    static async Task RunAsync(int runs, int instances, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("softseg-send-");
        Peer[] peers = [Peer.Storescp(), Peer.Orthanc()];
        try
        {
            var image = ReplayInstance.Image(256, 256, 1);
            string[] files = [.. Enumerable.Range(0, instances).Select(n => Path.Combine(folder.FullName, $"{n:00000}.dcm"))];
            foreach (var peer in peers)
            {
                var (ours, theirs) = (new List<double>(), new List<double>());
                for (var run = 0; run <= runs; run++)
                {
                    // New instances each time: an archive may be quick with those that it has.
                    Save(image, files, $"{peer.Name}{run}a");
                    var clock = Stopwatch.StartNew();
                    await using (var client = await DicomClient.ConnectAsync(new() { Host = "127.0.0.1", Port = peer.Port, CalledAeTitle = peer.AeTitle, CallingAeTitle = "BENCH" }, files, cancellation))
                    {
                        foreach (var file in files)
                        {
                            if (!(await client.StoreAsync(file, cancellation)).IsStored)
                                throw new InvalidDataException($"{peer.Name} refused {file}.");
                        }
                        await client.ReleaseAsync(cancellation);
                    }
                    if (run > 0)
                        ours.Add(clock.Elapsed.TotalSeconds);
                    Save(image, files, $"{peer.Name}{run}b");
                    clock.Restart();
                    using var storescu = Process.Start("storescu", ["-aec", peer.AeTitle, "+sd", "127.0.0.1", $"{peer.Port}", folder.FullName]);
                    await storescu.WaitForExitAsync(cancellation);
                    if (storescu.ExitCode != 0)
                        throw new InvalidDataException($"storescu ended with {storescu.ExitCode}.");
                    if (run > 0)
                        theirs.Add(clock.Elapsed.TotalSeconds);
                }
                ReceiveBenchmark.Line($"to {peer.Name,-9}: {instances / InferenceBenchmark.Median(ours),6:0} instances/s, storescu {instances / InferenceBenchmark.Median(theirs),6:0}; {InferenceBenchmark.Median([.. theirs.Zip(ours, (a, b) => a / b)]):0.00} x its speed");
            }
        }
        finally
        {
            foreach (var peer in peers)
                peer.Dispose();
            folder.Delete(recursive: true);
        }
    }

    static void Save(DicomDataset image, string[] files, string name)
    {
        foreach (var (n, file) in files.Index())
            new DicomFile(image.AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive(name, $"{n}"))).Save(file);
    }
}
