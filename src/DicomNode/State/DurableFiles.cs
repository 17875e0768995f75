using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomNode.State;

/// <summary>Makes a folder of finished files appear whole, or not at all.</summary>
static class DurableFiles
{
    static readonly StableStorage Storage = new();

    /// <summary>Flushes every file in <paramref name="part"/> and the folder itself, then gives it its name and flushes that.</summary>
    public static void Publish(string part, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(part))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            Storage.FlushFile(handle);
        }
        Storage.FlushDirectory(part);
        Directory.Move(part, folder);
        Storage.FlushDirectory(Path.GetDirectoryName(folder)!);
    }
}
