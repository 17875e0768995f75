namespace SoftSeg.EndToEnd.Tests.Sources;

static class PartTen
{
    /// <summary>The bytes of the data set: what follows the preamble and the file meta information, whose length is its first element (PS3.10 7.1).</summary>
    public static byte[] DatasetOf(string file) => DatasetOf(File.ReadAllBytes(file));

    /// <inheritdoc cref="DatasetOf(string)"/>
    public static byte[] DatasetOf(byte[] bytes)
    {
        const int GroupLengthValue = 128 + 4 + 8;
        return bytes[(GroupLengthValue + 4 + BitConverter.ToInt32(bytes, GroupLengthValue))..];
    }
}
