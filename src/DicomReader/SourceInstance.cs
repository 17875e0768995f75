using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomReader;

/// <summary>An instance whose header is in memory; its pixel data is fetched when a volume is built, one instance at a time.</summary>
sealed class SourceInstance
{
    /// <summary>Group 7FE0 has pixel data in all its forms, and what belongs to it.</summary>
    static readonly DicomReadOptions headerOnly = new() { StopBefore = new DicomTag(0x7FE0, 0x0000) };

    /// <summary>A deflate stream is at most this many times shorter than what it holds (RFC 1951: 258 bytes by 2 bits).</summary>
    const long DeflateRatio = 1032;

    readonly string? path;
    readonly DicomTransferSyntax? transferSyntax;

    SourceInstance(DicomDataset header, string name, string? path, DicomTransferSyntax? transferSyntax) =>
        (Header, Name, this.path, this.transferSyntax) = (header, name, path, transferSyntax);

    public DicomDataset Header { get; }

    /// <summary>File name, or the instance's place among those given.</summary>
    public string Name { get; }

    /// <summary>Further copies of the same instance; their pixels are compared when the volume is built.</summary>
    public List<SourceInstance> Twins { get; } = [];

    public static SourceInstance Open(string path)
    {
        var file = DicomFile.Open(path, headerOnly);
        LossyCompression.Mark(file.Dataset, file.TransferSyntax, new FileInfo(path).Length);
        return new(file.Dataset, Path.GetFileName(path), path, file.TransferSyntax);
    }

    public static SourceInstance Of(DicomDataset dataset, int index) => new(dataset, $"data set {index + 1}", null, null);

    /// <summary>The pixels of the instance, in memory until the result is let go.</summary>
    public SourcePixels OpenPixels(DicomLimits limits) => new(new PixelReader(path is null ? Header : DicomFile.Open(path).Dataset, transferSyntax, limits));

    /// <summary>Why the pixels can't be read, as far as the header and the length of the file tell; null when nothing speaks against it.</summary>
    public string? PixelFault()
    {
        try
        {
            if (transferSyntax is not null && !PixelData.CanRead(transferSyntax))
                return $"The pixel data is compressed ({transferSyntax}), which is not read. Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}.";
            var format = PixelFormat.Of(Header);
            if (path is null)
                return null;
            using var file = File.OpenHandle(path); // a link's own length says nothing
            var length = RandomAccess.GetLength(file);
            var most = transferSyntax is { IsDeflated: true } or { IsEncapsulated: true } ? length * DeflateRatio : length;
            return format.TotalLength <= most
                ? null
                : $"The file {Name} has {length} bytes, but its pixel data alone takes {format.TotalLength}: {format.Frames} frame{(format.Frames == 1 ? "" : "s")} of {format.Rows} x {format.Columns}, "
                  + $"{format.BitsAllocated} bits each. The file is cut short: send it again.";
        }
        catch (Exception e) when (e is DicomDataException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}

/// <summary>An instance with its pixel data.</summary>
sealed class SourcePixels(PixelReader reader)
{
    float[]? mosaic;

    /// <summary>Modality values of a slice: stored values through its rescale (PS3.3 C.11.1).</summary>
    public void Read(SourceFrame slice, Span<float> values, CancellationToken cancellationToken)
    {
        var frame = slice.Image;
        if (slice.Tile is { } tile)
            SiemensMosaic.Cut(mosaic ??= Mosaic(cancellationToken), tile, frame.Rows, frame.Columns, values);
        else
            reader.Read(frame.FrameIndex, values, cancellationToken);
        var (slope, intercept) = (frame.RescaleSlope, frame.RescaleIntercept);
        if (slope == 1 && intercept == 0)
            return;
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((values[i] * slope) + intercept);
    }

    float[] Mosaic(CancellationToken cancellationToken)
    {
        var pixels = new float[reader.Format.PixelsPerFrame];
        reader.Read(0, pixels, cancellationToken);
        return pixels;
    }
}
