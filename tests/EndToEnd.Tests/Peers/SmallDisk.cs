namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>A disk that a test may fill or make read-only: a file system in memory.</summary>
sealed class SmallDisk : IDisposable
{
    static readonly ExternalProgram Mount = new("mount", "mount"), Unmount = new("umount", "mount");

    SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public static async Task<SmallDisk> MountAsync(string folder, int megabytes)
    {
        (await Mount.RunAsync(["-t", "tmpfs", "-o", $"size={megabytes}m", "softseg-test", folder])).Succeeded();
        return new SmallDisk(folder);
    }

    /// <param name="mode"><c>ro</c> or <c>rw</c>.</param>
    public async Task RemountAsync(string mode) => (await Mount.RunAsync(["-o", $"remount,{mode}", Folder])).Succeeded();

    public void Dispose() => Unmount.RunAsync(["-l", Folder]).GetAwaiter().GetResult().Succeeded();
}
