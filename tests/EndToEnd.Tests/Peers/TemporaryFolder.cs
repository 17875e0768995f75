namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>A folder for one test, gone afterwards.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("softseg-e2e-").FullName;

    /// <summary>A new, empty folder in it.</summary>
    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
