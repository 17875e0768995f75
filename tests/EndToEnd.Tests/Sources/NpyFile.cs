using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace SoftSeg.EndToEnd.Tests.Sources;

/// <summary>NumPy's array file, format 1.0 and later: little-endian float32 in C order, gzipped.</summary>
static partial class NpyFile
{
    /// <exception cref="InvalidDataException">Another kind of array, or not <paramref name="slices"/> slices.</exception>
    public static float[] ReadSingles(string path, int slices)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var start = new byte[12];
        file.ReadExactly(start, 0, 10);
        if (start[0] != 0x93 || !start.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
            throw new InvalidDataException($"{path} is not a .npy file.");
        var isLong = start[6] > 1;
        if (isLong)
            file.ReadExactly(start, 10, 2);
        var header = new byte[isLong ? BitConverter.ToInt32(start, 8) : BitConverter.ToUInt16(start, 8)];
        file.ReadExactly(header);
        var text = Encoding.ASCII.GetString(header);
        if (!text.Contains("'<f4'", StringComparison.Ordinal) || !text.Contains("'fortran_order': False", StringComparison.Ordinal))
            throw new InvalidDataException($"{path} is no float32 array in C order: {text}");
        var shape = Shape().Match(text).Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray();
        if (shape.Length != 3 || shape[0] != slices)
            throw new InvalidDataException($"{path} has shape ({string.Join(", ", shape)}), expected {slices} slices.");
        var voxels = new float[shape[0] * shape[1] * shape[2]];
        file.ReadExactly(MemoryMarshal.AsBytes(voxels.AsSpan()));
        return voxels;
    }

    [GeneratedRegex(@"'shape':\s*\(([0-9, ]+)\)")]
    private static partial Regex Shape();
}
