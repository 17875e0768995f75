using System.CommandLine;
using SoftSeg.Benchmarks.Codecs;
using SoftSeg.Benchmarks.Inference;
using SoftSeg.Benchmarks.Network;
using SoftSeg.Benchmarks.Parse;
using SoftSeg.Benchmarks.Results;

// Each prints medians, and ratios against a peer that ran in the same call.
var root = new RootCommand("Benchmarks of SoftSeg.")
{
    CodecsBenchmark.Create(),
    InferenceBenchmark.Create(),
    ParseBenchmark.Create(),
    ResultsBenchmark.Create(),
    ReceiveBenchmark.Create(),
    SendBenchmark.Create(),
    SeriesBenchmark.Create(),
    BareReceiver.Create(),
    LibraryReceiver.Create(),
    ReplaySender.Create(),
};
return await root.Parse(args).InvokeAsync();
