using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests.Fixtures;

/// <summary>A node that gets everything it should not get, and must go on serving. From the start, one client is connected to it and says nothing.</summary>
public sealed class BadInputNode : IAsyncLifetime
{
    public const string Collection = "A node that gets bad input";

    internal TemporaryFolder Folder { get; } = new();

    internal SourceLibrary Sources { get; private set; } = null!;

    internal StorescpPeer Pacs { get; private set; } = null!;

    internal SoftSegNode Node { get; private set; } = null!;

    internal ScriptedSender Silent { get; private set; } = null!;

    /// <summary>The silent client's address, as the log names it.</summary>
    internal string SilentAddress { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Sources = new SourceLibrary(Folder);
        Pacs = await StorescpPeer.StartAsync("PACS");
        Node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", Pacs.AeTitle, Pacs.Port)));
        Silent = await ScriptedSender.ConnectAsync(Node.Port);
        SilentAddress = Silent.LocalEndPoint;
    }

    public async Task DisposeAsync()
    {
        if (Silent is not null)
            await Silent.DisposeAsync();
        if (Node is not null)
            await Node.DisposeAsync();
        if (Pacs is not null)
            await Pacs.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>The proof after each bad input: a C-ECHO is answered, and a good series comes back segmented.</summary>
    internal async Task<ResultSet> AssertStillServing(string after)
    {
        Assert.True(await Node.AnswersEcho(), $"C-ECHO answered after {after}{Environment.NewLine}{Node.LogText}");
        var good = Sources.NewPhantom(after);
        (await Node.Send(Pacs.AeTitle, good.Files)).Succeeded();
        return await Pacs.WaitForResults(good.SeriesUid, evidence: () => Node.LogText);
    }

    /// <summary>Sends a series that must bring nothing back, and waits for the log line that says why.</summary>
    internal async Task<string> SendForNothing(SourceSeries series, params string[] words)
    {
        (await Node.Send(Pacs.AeTitle, series.Files, "-R")).Succeeded();
        var line = await Node.Logged([series.SeriesUid, .. words]);
        await AssertStillServing(series.SeriesUid);
        Assert.Empty(await Pacs.ResultsOf(series.SeriesUid));
        return line;
    }
}

[CollectionDefinition(BadInputNode.Collection)]
public sealed class BadInputNodeCollection : ICollectionFixture<BadInputNode>;
