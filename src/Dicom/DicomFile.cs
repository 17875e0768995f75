namespace SoftSeg.Dicom;

/// <summary>A DICOM file: preamble, file meta information and data set (PS3.10 7).</summary>
public sealed class DicomFile
{
    /// <summary>Written as (0002,0012): this library.</summary>
    public const string ImplementationClassUID = "2.25.187653413046293842126512077914502160123";

    /// <summary>Written as (0002,0013).</summary>
    public const string ImplementationVersionName = "SOFTSEG_010";

    public DicomFile(DicomDataset dataset, DicomTransferSyntax? transferSyntax = null) : this(new DicomDataset(), dataset, transferSyntax ?? DicomTransferSyntax.ExplicitVRLittleEndian) { }

    DicomFile(DicomDataset meta, DicomDataset dataset, DicomTransferSyntax transferSyntax) => (FileMetaInfo, Dataset, TransferSyntax) = (meta, dataset, transferSyntax);

    /// <summary>The file meta information that was read. Saving keeps the titles and private information, and sets the rest from the data set.</summary>
    public DicomDataset FileMetaInfo { get; }

    public DicomDataset Dataset { get; }

    /// <summary>The syntax that was read; the one in which <see cref="Save(string)"/> writes.</summary>
    public DicomTransferSyntax TransferSyntax { get; set; }

    /// <summary>Bytes of the file that this was read from; -1 where that is not known.</summary>
    public long Length { get; private init; } = -1;

    /// <summary>Offset in the file at which reading stopped: with <see cref="DicomReadOptions.StopBefore"/> that of the first element that was not read. -1 where it is not known.</summary>
    public long EndOffset { get; private init; } = -1;

    /// <exception cref="DicomDataException">Not a DICOM file, or a broken one; the message says where.</exception>
    public static DicomFile Open(string path, DicomReadOptions? options = null)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        try
        {
            return Part10Reader.Read(ByteSource.Of(file, partly: options?.StopBefore is not null), options ?? DicomReadOptions.Default);
        }
        catch (DicomDataException e)
        {
            throw new DicomDataException($"{path}: {e.Message}", e.Tag ?? default, e.Offset);
        }
    }

    /// <summary>Reads from the stream's position to its end.</summary>
    /// <inheritdoc cref="Open(string, DicomReadOptions?)"/>
    public static DicomFile Open(Stream stream, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Part10Reader.Read(ByteSource.Of(stream), options ?? DicomReadOptions.Default);
    }

    /// <summary>Reads a file that is in memory; values refer to <paramref name="bytes"/>, which must not change.</summary>
    /// <inheritdoc cref="Open(string, DicomReadOptions?)"/>
    public static DicomFile Open(byte[] bytes, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Part10Reader.Read(ByteSource.Of(bytes), options ?? DicomReadOptions.Default);
    }

    /// <inheritdoc cref="Open(string, DicomReadOptions?)"/>
    public static async Task<DicomFile> OpenAsync(string path, DicomReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options?.StopBefore is not null)
            return Open(path, options); // a few kilobytes
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            return Open(bytes, options);
        }
        catch (DicomDataException e)
        {
            throw new DicomDataException($"{path}: {e.Message}", e.Tag ?? default, e.Offset);
        }
    }

    /// <exception cref="DicomDataException">The data set has no SOP Class or Instance UID, or can't be written in <see cref="TransferSyntax"/>.</exception>
    public void Save(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        Save(stream);
    }

    /// <inheritdoc cref="Save(string)"/>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Part10Writer.Write(stream, this);
    }

    /// <summary>Whether the bytes begin as a Part 10 file does; 132 bytes are needed.</summary>
    public static bool HasPreamble(ReadOnlySpan<byte> start) => start.Length >= 132 && start[128..132].SequenceEqual("DICM"u8);

    internal static DicomFile Read(DicomDataset meta, DicomDataset dataset, DicomTransferSyntax syntax, long length, long endOffset) =>
        new(meta, dataset, syntax) { Length = length, EndOffset = endOffset };
}
