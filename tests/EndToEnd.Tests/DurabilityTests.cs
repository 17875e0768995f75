using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>What success means, from the system calls of the node (strace): not from what its code says of itself.</summary>
[Collection(SharedNode.Collection)]
public sealed partial class DurabilityTests(SharedNode shared)
{
    const int Instances = 5;

    [Fact]
    public async Task Each_instance_is_written_flushed_renamed_and_its_directory_flushed_before_the_response()
    {
        var folder = shared.Folder.Make("durability");
        var trace = Path.Combine(folder, "trace");
        var port = FreePort.Take();
        var setup = new NodeSetup { AcceptUnknownPeers = true, IdleSeconds = 600 };
        string[] calls = ["write", "writev", "pwrite64", "pwritev", "fsync", "fdatasync", "rename", "renameat", "renameat2", "sendto", "sendmsg"];
        await using (var strace = RunningProgram.Start(new ExternalProgram("strace", "strace").FullPath(),
            ["-f", "--seccomp-bpf", "-yy", "-s", "1", "-o", trace, "-e", $"trace={string.Join(',', calls)}", "dotnet", SoftSegNode.Assembly, "serve", "--config", setup.Write(folder, port)]))
        {
            await Until.True(async () => strace.HasExited || await Dcmtk.Echo(port, setup.AeTitle), "softseg serve answers under strace", TimeSpan.FromMinutes(2), () => string.Join('\n', strace.Lines));
            (await Dcmtk.Send(port, setup.AeTitle, "SENDER", shared.Sources[SourceLibrary.Sagittal].Files.Take(Instances))).Succeeded();
            await Until.True(async () => (await File.ReadAllLinesAsync(trace)).Count(line => line.Contains("rename", StringComparison.Ordinal) && line.Contains(".part\"", StringComparison.Ordinal)) >= Instances, "the trace is on disk");
            // strace ends when the node does.
            foreach (var child in (await File.ReadAllTextAsync($"/proc/{strace.Id}/task/{strace.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture)).Kill();
            await Until.True(() => strace.HasExited, "strace ends");
        }

        var events = Read(trace);
        var renames = events.FindAll(e => e.Name.StartsWith("rename", StringComparison.Ordinal) && e.Arguments.Contains(".part\"", StringComparison.Ordinal));
        Assert.Equal(Instances, renames.Count);
        foreach (var rename in renames)
        {
            var names = Quoted().Matches(rename.Arguments).Select(m => m.Groups[1].Value).ToArray();
            var (part, final) = (names[0], names[1]);
            var written = events.FindLast(e => IsWrite(e) && e.Arguments.Contains($"<{part}>", StringComparison.Ordinal));
            var flushed = events.Find(e => IsFlush(e) && e.Arguments.Contains($"<{part}>", StringComparison.Ordinal));
            var directory = events.Find(e => IsFlush(e) && e.Arguments.Contains($"<{Path.GetDirectoryName(final)}>", StringComparison.Ordinal) && e.Start > rename.End);
            var response = events.Find(e => e.Name.StartsWith("send", StringComparison.Ordinal) && e.Arguments.Contains($":{port}->", StringComparison.Ordinal) && e.Start > written!.End);

            Assert.NotNull(written);
            Assert.NotNull(flushed);
            Assert.NotNull(directory);
            Assert.NotNull(response);
            Assert.True(written.End < flushed.Start, $"{part} was written after it was flushed");
            Assert.True(flushed.End < rename.Start, $"{part} was renamed before it was flushed");
            Assert.True(rename.End < directory.Start);
            Assert.True(directory.End < response.Start, $"the peer heard of success before the directory of {final} was flushed");
            Assert.All([flushed, rename, directory], e => Assert.Equal("0", e.Result));
        }
    }

    static bool IsWrite(Call call) => call.Name is "write" or "writev" or "pwrite64" or "pwritev";

    static bool IsFlush(Call call) => call.Name is "fsync" or "fdatasync";

    /// <summary>The calls of a trace; one that another thread's call interrupts in the log has two lines.</summary>
    static List<Call> Read(string trace)
    {
        var calls = new List<Call>();
        var unfinished = new Dictionary<string, Call>();
        foreach (var (index, line) in File.ReadLines(trace).Index())
        {
            if (Begun().Match(line) is { Success: true } begun)
                unfinished[begun.Groups[1].Value] = new(begun.Groups[2].Value, begun.Groups[3].Value, index, index, "");
            else if (Resumed().Match(line) is { Success: true } resumed && unfinished.Remove(resumed.Groups[1].Value, out var call))
                calls.Add(call with { End = index, Result = resumed.Groups[2].Value });
            else if (Whole().Match(line) is { Success: true } whole)
                calls.Add(new(whole.Groups[2].Value, whole.Groups[3].Value, index, index, whole.Groups[4].Value));
        }
        calls.Sort((a, b) => a.Start.CompareTo(b.Start));
        return calls;
    }

    sealed record Call(string Name, string Arguments, int Start, int End, string Result);

    [GeneratedRegex(@"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")]
    private static partial Regex Begun();

    [GeneratedRegex(@"^(\d+) +<\.\.\. \w+ resumed>.*\) += (-?\w+)")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\d+) +(\w+)\((.*)\) += (-?\w+)")]
    private static partial Regex Whole();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}
