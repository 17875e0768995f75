using SoftSeg.EndToEnd.Tests.Node;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests.Fixtures;

/// <summary>
/// One node and the PACS it answers to, for every test that disturbs neither. A series is sent once, by <c>storescu</c>, and its results are those that
/// <c>storescp</c> received.
/// </summary>
public sealed class SharedNode : IAsyncLifetime
{
    public const string Collection = "One node and its PACS";

    readonly Dictionary<string, ResultSet> results = [];

    internal TemporaryFolder Folder { get; } = new();

    internal SourceLibrary Sources { get; private set; } = null!;

    internal StorescpPeer Pacs { get; private set; } = null!;

    internal SoftSegNode Node { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Sources = new SourceLibrary(Folder);
        Pacs = await StorescpPeer.StartAsync("PACS");
        Node = await SoftSegNode.StartAsync(new NodeSetup(new PeerEntry("pacs", Pacs.AeTitle, Pacs.Port)));
    }

    public async Task DisposeAsync()
    {
        if (Node is not null)
            await Node.DisposeAsync();
        if (Pacs is not null)
            await Pacs.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>What came back for a series; it is sent on the first call.</summary>
    internal async Task<ResultSet> ResultsOf(SourceSeries source)
    {
        if (!results.TryGetValue(source.SeriesUid, out var set))
        {
            (await Node.Send(Pacs.AeTitle, source.Files)).Succeeded();
            results[source.SeriesUid] = set = await Pacs.WaitForResults(source.SeriesUid, evidence: () => Node.LogText);
        }
        return set;
    }
}

[CollectionDefinition(SharedNode.Collection)]
public sealed class SharedNodeCollection : ICollectionFixture<SharedNode>;
