using SoftSeg.EndToEnd.Tests.Results;

namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>DCMTK's <c>storescp</c>: a PACS that keeps what it gets as files.</summary>
sealed class StorescpPeer : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly string kept;
    RunningProgram? program;

    public StorescpPeer(string aeTitle)
    {
        AeTitle = aeTitle;
        Port = FreePort.Take();
        kept = folder.Make("kept");
    }

    public string AeTitle { get; }

    public int Port { get; }

    public static async Task<StorescpPeer> StartAsync(string aeTitle)
    {
        var peer = new StorescpPeer(aeTitle);
        await peer.StartAsync();
        return peer;
    }

    /// <param name="sopClasses">The only storage classes that it accepts; all when null.</param>
    public async Task StartAsync(IReadOnlyList<string>? sopClasses = null)
    {
        string[] profile = sopClasses is null ? [] : ["-xf", WriteProfile(sopClasses), "Chosen"];
        // A file is moved to "kept" when it is whole; one that comes again stands beside the first (mv --backup).
        program = RunningProgram.Start(ExternalProgram.Storescp.FullPath(),
            ["-aet", AeTitle, .. profile, "-od", folder.Make("incoming"), "-xs", "-xcr", $"mv --backup=numbered #p/#f {kept}/#f", $"{Port}"]);
        await Until.True(() => Dcmtk.Echo(Port, AeTitle), $"storescp answers on port {Port}", evidence: () => string.Join('\n', program.Lines));
    }

    public async Task StopAsync()
    {
        if (program is not null)
            await program.DisposeAsync();
        program = null;
    }

    /// <summary>Every file it received, each reception on its own.</summary>
    public string[] Receptions() => Directory.GetFiles(kept);

    /// <summary>The instances it holds of the study whose series <paramref name="seriesUid"/> they were made from.</summary>
    public async Task<IReadOnlyList<ReceivedObject>> ResultsOf(string seriesUid)
    {
        var results = new List<ReceivedObject>();
        foreach (var file in Receptions().Where(file => !file.EndsWith('~')))
        {
            var received = await ReceivedObject.ReadAsync(file);
            if (received.ReferencedSeries().Contains(seriesUid))
                results.Add(received);
        }
        return results;
    }

    /// <summary>Waits until it holds <paramref name="count"/> results of a series.</summary>
    public async Task<ResultSet> WaitForResults(string seriesUid, int count = 3, TimeSpan? timeout = null, Func<string>? evidence = null)
    {
        IReadOnlyList<ReceivedObject> results = [];
        var receptions = -1;
        await Until.True(async () =>
        {
            if (Receptions().Length == receptions)
                return false;
            receptions = Receptions().Length;
            results = await ResultsOf(seriesUid);
            return results.Count >= count;
        }, $"{AeTitle} holds {count} results of series {seriesUid}", timeout ?? TimeSpan.FromMinutes(2), evidence);
        return new ResultSet(results);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }

    /// <summary>An association negotiation profile (DCMTK's asconfig.txt).</summary>
    string WriteProfile(IReadOnlyList<string> sopClasses)
    {
        var contexts = sopClasses.Prepend("1.2.840.10008.1.1").Select((sopClass, n) => $"PresentationContext{n + 1} = {sopClass}\\Uncompressed");
        var file = folder.File("storescp.cfg");
        File.WriteAllText(file, $"""
            [[TransferSyntaxes]]
            [Uncompressed]
            TransferSyntax1 = LocalEndianExplicit
            TransferSyntax2 = LittleEndianImplicit
            [[PresentationContexts]]
            [Chosen]
            {string.Join(Environment.NewLine, contexts)}
            [[Profiles]]
            [Chosen]
            PresentationContexts = Chosen

            """);
        return file;
    }
}
