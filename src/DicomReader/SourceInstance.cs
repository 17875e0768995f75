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
    readonly DicomFile? file;

    SourceInstance(DicomDataset header, string name, string? path = null, DicomFile? file = null) => (Header, Name, this.path, this.file) = (header, name, path, file);

    public DicomDataset Header { get; }

    /// <summary>File name, or the instance's place among those given.</summary>
    public string Name { get; }

    /// <summary>Further copies of the same instance; their pixels are compared when the volume is built.</summary>
    public List<SourceInstance> Twins { get; } = [];

    public static SourceInstance Open(string path)
    {
        var file = DicomFile.Open(path, headerOnly);
        PixelData.MarkLoss(file.Dataset, file.TransferSyntax, file.Length);
        return new(file.Dataset, Path.GetFileName(path), path, file);
    }

    public static SourceInstance Of(DicomDataset dataset, int index) => new(dataset, $"data set {index + 1}");

    /// <summary>The pixels of the instance, open until the result is disposed.</summary>
    public SourcePixels OpenPixels(DicomLimits limits) => new(file is null ? new PixelReader(Header, null, limits) : PixelReader.Open(path!, file, limits));

    /// <summary>Why the pixels can't be read, as far as the header and the length of the file tell; null when nothing speaks against it.</summary>
    public string? PixelFault()
    {
        try
        {
            if (file is not null && !PixelData.CanRead(file.TransferSyntax))
                return $"The pixel data is compressed ({file.TransferSyntax}), which is not read. Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}.";
            var format = PixelFormat.Of(Header);
            if (file is null)
                return null;
            var most = file.TransferSyntax is { IsDeflated: true } or { IsEncapsulated: true } ? file.Length * DeflateRatio : file.Length;
            return format.TotalLength <= most
                ? null
                : $"The file {Name} has {file.Length} bytes, but its pixel data alone takes {format.TotalLength}: {format.Frames} frame{(format.Frames == 1 ? "" : "s")} of {format.Rows} x {format.Columns}, "
                  + $"{format.BitsAllocated} bits each. The file is cut short: send it again.";
        }
        catch (DicomDataException e)
        {
            return e.Message;
        }
    }
}

/// <summary>An instance with its pixel data.</summary>
sealed class SourcePixels(PixelReader reader) : IDisposable
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

    public void Dispose() => reader.Dispose();
}
