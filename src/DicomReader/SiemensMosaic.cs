using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>Where a slice lies in the image that has it: a whole frame, or one tile of a mosaic.</summary>
/// <param name="Index">Which tile, from 0, by rows.</param>
/// <param name="Across">Tiles in a row of the mosaic.</param>
readonly record struct MosaicTile(int Index, int Across);

/// <summary>
/// Siemens mosaics: the slices of a volume tiled in one image. ImagePositionPatient is the corner that one image of the mosaic's size would have
/// around the centre of the first slice; the direction from tile to tile is SliceNormalVector of the CSA header.
/// </summary>
static class SiemensMosaic
{
    const string Creator = "SIEMENS MR HEADER";

    public static bool Is(DicomDataset header) =>
        header.GetStrings(DicomTag.ImageType).Contains("MOSAIC", StringComparer.OrdinalIgnoreCase) || TileCount(header) > 1;

    /// <summary>The slices of a mosaic, each with its own plane.</summary>
    /// <exception cref="SeriesRefusedException">What places the tiles is missing; the message says what.</exception>
    public static IEnumerable<(ImageFrame Frame, MosaicTile Tile)> Slices(ImageFrame mosaic)
    {
        if (TileCount(mosaic.Instance) is not (var count and > 0))
            throw Refuse("the number of its slices (0019,xx0A) is missing");
        var across = (int)Math.Ceiling(Math.Sqrt(count));
        if (mosaic.Rows % across != 0 || mosaic.Columns % across != 0)
            throw Refuse($"{mosaic.Rows} x {mosaic.Columns} pixels are no {across} x {across} tiles");
        if (!double.TryParse(mosaic.SpacingBetweenSlices, NumberStyles.Float, CultureInfo.InvariantCulture, out var spacing) || !(Math.Abs(spacing) > 0) || !double.IsFinite(spacing))
            throw Refuse($"SpacingBetweenSlices is {mosaic.SpacingBetweenSlices ?? "missing"}");

        var plane = FramePlane.Of(mosaic);
        var (rows, columns) = (mosaic.Rows / across, mosaic.Columns / across);
        var first = plane.Position + (plane.RowStep * ((mosaic.Rows - rows) / 2.0)) + (plane.ColumnStep * ((mosaic.Columns - columns) / 2.0));
        var step = plane.Normal * Math.Abs(spacing) * (SliceNormal(mosaic.Instance) is { } normal && normal.Dot(plane.Normal) < 0 ? -1 : 1);
        return Enumerable.Range(0, count).Select(tile => (
            mosaic with { Rows = rows, Columns = columns, ImagePositionPatient = Texts(first + (step * tile)) },
            new MosaicTile(tile, across)));
    }

    /// <summary>Copies a tile out of the pixels of its mosaic.</summary>
    public static void Cut(ReadOnlySpan<float> mosaic, MosaicTile tile, int rows, int columns, Span<float> slice)
    {
        var width = columns * tile.Across;
        var start = (tile.Index / tile.Across * rows * width) + (tile.Index % tile.Across * columns);
        for (var row = 0; row < rows; row++)
            mosaic.Slice(start + (row * width), columns).CopyTo(slice[(row * columns)..]);
    }

    static int TileCount(DicomDataset header)
    {
        if (header.PrivateTag(Creator, 0x0019, 0x0A) is not { } tag)
            return 0;
        // Without a VR it is two bytes; as digits they would be more than any mosaic has.
        var count = header.TryGetItem(tag, out var item) && item is DicomElement && item.ValueRepresentation == DicomVR.UN && header.GetBytes(tag) is { Length: sizeof(ushort) } bytes
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span)
            : PrivateNumbers.Of(header, Creator, 0x0019, 0x0A) is [var first, ..] ? first : 0;
        return count is >= 1 and <= 4096 ? (int)count : 0;
    }

    /// <summary>SliceNormalVector of the CSA image header (0029,xx10), format "SV10"; null where there is none.</summary>
    static Vector3? SliceNormal(DicomDataset header)
    {
        if (header.PrivateTag("SIEMENS CSA HEADER", 0x0029, 0x10) is not { } tag || !header.TryGetItem(tag, out var item) || item is not DicomElement)
            return null;
        var csa = header.GetBytes(tag).Span;
        if (!csa.StartsWith("SV10"u8) || csa.IndexOf("SliceNormalVector\0"u8) is not (var at and >= 0))
            return null;
        // Each element: name (64), VM, VR, SyngoDT, number of items, a constant; each item: 4 lengths, then text, padded to 4 bytes.
        at += 84;
        var numbers = new double[3];
        for (var n = 0; n < numbers.Length; n++)
        {
            if (at + 16 > csa.Length)
                return null;
            var length = BinaryPrimitives.ReadInt32LittleEndian(csa[(at + 4)..]);
            at += 16;
            if (length < 0 || length > csa.Length - at
                || !double.TryParse(Encoding.ASCII.GetString(csa.Slice(at, length)).Trim('\0', ' '), NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[n]))
            {
                return null;
            }
            at += (length + 3) & ~3;
        }
        return new(numbers[0], numbers[1], numbers[2]);
    }

    static string[] Texts(Vector3 position) =>
        [.. new[] { position.X, position.Y, position.Z }.Select(v => v.ToString("0.##########", CultureInfo.InvariantCulture))];

    static SeriesRefusedException Refuse(string what) => new(
        $"This is a Siemens mosaic (many slices tiled in one image), but {what}: its slices can't be placed. Send the series as single images or as Enhanced MR (at the scanner: switch Mosaic off).");
}
