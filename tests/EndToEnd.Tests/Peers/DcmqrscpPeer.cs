namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>DCMTK's <c>dcmqrscp</c>: an archive with several titles that is asked, and that sends to one node.</summary>
sealed class DcmqrscpPeer(params string[] aeTitles) : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    RunningProgram? program;

    public int Port { get; } = FreePort.Take();

    public async Task StartAsync(string nodeAeTitle, int nodePort)
    {
        var file = folder.File("dcmqrscp.cfg");
        await File.WriteAllTextAsync(file, $"""
            NetworkTCPPort = {Port}
            MaxPDUSize = 16384
            MaxAssociations = 16
            HostTable BEGIN
            node = ({nodeAeTitle}, 127.0.0.1, {nodePort})
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            {string.Join(Environment.NewLine, aeTitles.Select(title => $"{title} {folder.Make(title)} RW (100, 1024mb) ANY"))}
            AETable END

            """);
        program = RunningProgram.Start(ExternalProgram.Dcmqrscp.FullPath(), ["-c", file], folder.Path);
        await Until.True(() => Dcmtk.Echo(Port, aeTitles[0]), $"dcmqrscp answers on port {Port}", evidence: () => string.Join('\n', program.Lines));
    }

    public async ValueTask DisposeAsync()
    {
        if (program is not null)
            await program.DisposeAsync();
        folder.Dispose();
    }
}
