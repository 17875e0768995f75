namespace SoftSeg.SegTrainer.Training;

/// <summary>Writes a file so that, whenever the process dies, either the old content or the new stands there whole.</summary>
static class DurableFile
{
    public static void Write(string path, Action<Stream> content)
    {
        var temporary = path + ".part";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            content(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));

    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));
}
