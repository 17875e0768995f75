namespace SoftSeg.Dicom;

/// <summary>
/// Follows a data set as its bytes pass: checks that it is one (tags, value representations, lengths, nesting, pixel data as long as its description says) and keeps a few
/// elements of the top level that stand in front of the pixel data. It holds no more than those, however long the data set is or says it is, and allocates nothing per fragment.
/// </summary>
public sealed class DicomDatasetScanner : IDisposable
{
    /// <summary>A captured value longer than this is a fault: those that are captured by default are 64 bytes at most.</summary>
    public const int MaxCapturedLength = 1024;

    static readonly DicomTag[] alwaysCaptured =
    [
        DicomTag.SpecificCharacterSet, DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.Modality, DicomTag.StudyInstanceUID, DicomTag.SeriesInstanceUID,
        DicomTag.SamplesPerPixel, DicomTag.PhotometricInterpretation, DicomTag.NumberOfFrames, DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated,
    ];

    readonly DicomTransferSyntax syntax;
    readonly DataSetStructure structure;
    readonly HashSet<uint> wanted;
    readonly DicomDataset captured = new();
    readonly Inflater? inflater;
    readonly Inflater.Sink scan;

    /// <summary>The start of a header, or of a value to keep, that is split between two fragments.</summary>
    readonly byte[] kept = new byte[MaxCapturedLength];
    int keptCount;

    /// <summary>The value that is being captured.</summary>
    ElementHeader capturing;
    bool isCapturing;

    /// <summary>Bytes of the current value that are still to come.</summary>
    long toSkip;

    /// <summary>The element whose value is passing, and the offset of its header.</summary>
    uint elementTag;
    long elementOffset;

    /// <param name="syntax">Of the presentation context.</param>
    /// <param name="options">The limits; <see cref="DicomReadOptions.StopBefore"/> and MaxElements don't count here.</param>
    /// <param name="alsoCapture">Elements of the top level to keep beside the UIDs, Modality and what describes the pixel data.</param>
    public DicomDatasetScanner(DicomTransferSyntax syntax, DicomReadOptions? options = null, params ReadOnlySpan<DicomTag> alsoCapture)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        options ??= DicomReadOptions.Default;
        this.syntax = syntax;
        structure = new DataSetStructure(syntax.IsExplicitVR, syntax.IsBigEndian, options.MaxSequenceDepth, options.MaxElementLength);
        wanted = [.. alwaysCaptured.Select(tag => tag.Value)];
        foreach (var tag in alsoCapture)
            wanted.Add(tag.Value);
        scan = Scan;
        if (syntax.IsDeflated)
            inflater = new Inflater(options.MaxInflatedLength);
    }

    /// <summary>What is wrong with the data set, or null.</summary>
    public DicomDataFault? Fault => structure.Fault;

    /// <summary>Bytes of the data set that were scanned; of the inflated one in the deflated syntax.</summary>
    public long Position { get; private set; }

    /// <summary>The elements that were captured. All that stand in front of the pixel data are there once <see cref="HasReachedPixelData"/> is true or <see cref="Complete"/> was called.</summary>
    public DicomDataset Captured => captured;

    public bool HasReachedPixelData { get; private set; }

    public string? SOPClassUID => captured.GetStringOrNull(DicomTag.SOPClassUID);
    public string? SOPInstanceUID => captured.GetStringOrNull(DicomTag.SOPInstanceUID);
    public string? StudyInstanceUID => captured.GetStringOrNull(DicomTag.StudyInstanceUID);
    public string? SeriesInstanceUID => captured.GetStringOrNull(DicomTag.SeriesInstanceUID);
    public string? Modality => captured.GetStringOrNull(DicomTag.Modality);

    /// <summary>Takes the next bytes of the data set; false when there is a fault, from then on.</summary>
    public bool Write(ReadOnlySpan<byte> fragment)
    {
        if (inflater is null)
            return Scan(fragment);
        if (Fault is null && inflater.Feed(fragment, scan) is { } reason)
            Fail(reason);
        return Fault is null;
    }

    /// <summary>The data set ended; false when it is not complete, or has a fault.</summary>
    public bool Complete()
    {
        if (Fault is not null)
            return false;
        if (Position == 0)
            return Fail("the data set is empty.");
        if (toSkip > 0 || isCapturing)
        {
            var missing = toSkip > 0 ? toSkip : capturing.Length - keptCount;
            return Fail($"the data set ends {missing} bytes before the end of this value.");
        }
        if (keptCount > 0)
            return Fail($"the data set ends inside an element's header, after {keptCount} bytes of it.");
        return structure.End(Position) is null;
    }

    public void Dispose() => inflater?.Dispose();

    bool Scan(ReadOnlySpan<byte> bytes)
    {
        while (Fault is null)
        {
            if (toSkip > 0)
            {
                var skipped = (int)Math.Min(toSkip, bytes.Length);
                Advance(ref bytes, skipped);
                toSkip -= skipped;
            }
            if (bytes.IsEmpty)
                return true;
            if (isCapturing)
                Capture(ref bytes);
            else
                TakeHeader(ref bytes);
        }
        return false;
    }

    void TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        var offset = Position - keptCount;
        if (keptCount == 0)
            while (structure.EndsAt(offset))
                structure.Close();

        ElementHeader header;
        if (keptCount == 0 && ElementHeader.TryRead(bytes, structure.IsExplicit, structure.IsBigEndian, out header))
            Advance(ref bytes, header.Size);
        else
        {
            // Split between fragments: gather it byte by byte, which happens once a fragment.
            while (!ElementHeader.TryRead(kept.AsSpan(0, keptCount), structure.IsExplicit, structure.IsBigEndian, out header))
            {
                if (bytes.IsEmpty)
                    return;
                kept[keptCount++] = bytes[0];
                Advance(ref bytes, 1);
            }
            keptCount = 0;
        }
        (elementTag, elementOffset) = (header.Tag, offset);
        Take(header, offset);
    }

    void Take(in ElementHeader header, long offset)
    {
        if (offset == 0 && header.Tag >> 16 != 8)
        {
            structure.Fail(header, offset, "expected an element of group 0008 at the start of the data set.");
            return;
        }
        if (LooksExplicit(header))
        {
            structure.Fail(header, offset, $"has the length {header.Length:X8}h, which are the letters {header.VR}: explicit VR where implicit VR was agreed.");
            return;
        }
        var isTopLevel = structure.Depth == 0;
        switch (structure.Take(header, offset))
        {
            case StructureStep.FragmentsStart when isTopLevel:
                HasReachedPixelData = true;
                break;
            case StructureStep.Value when isTopLevel && header.Tag == DicomTag.PixelData.Value:
                HasReachedPixelData = true;
                toSkip = header.Length;
                CheckPixelData(header, offset);
                break;
            case StructureStep.Value when isTopLevel && !HasReachedPixelData && wanted.Contains(header.Tag):
                capturing = header;
                isCapturing = true;
                if (header.Length > MaxCapturedLength)
                    structure.Fail(header, offset, $"has a length of {header.Length} bytes, where {MaxCapturedLength} are the most that is plausible.");
                else if (header.Length == 0)
                    FinishCapture([]);
                break;
            case StructureStep.Value or StructureStep.Fragment:
                toSkip = header.Length;
                break;
        }
    }

    /// <summary>In implicit VR, the two letters of the attribute's own value representation where the length should be.</summary>
    bool LooksExplicit(in ElementHeader header) =>
        !structure.IsExplicit && header.VR is { IsLongLength: false } vr && (byte)header.Length == vr.Code[0] && (byte)(header.Length >> 8) == vr.Code[1];

    void Capture(ref ReadOnlySpan<byte> bytes)
    {
        var length = (int)capturing.Length;
        if (keptCount == 0 && bytes.Length >= length)
        {
            FinishCapture(bytes[..length]);
            Advance(ref bytes, length);
            return;
        }
        var taken = Math.Min(length - keptCount, bytes.Length);
        bytes[..taken].CopyTo(kept.AsSpan(keptCount));
        keptCount += taken;
        Advance(ref bytes, taken);
        if (keptCount == length)
            FinishCapture(kept.AsSpan(0, length));
    }

    void FinishCapture(ReadOnlySpan<byte> value)
    {
        isCapturing = false;
        keptCount = 0;
        var tag = new DicomTag(capturing.Tag);
        if (captured.Contains(tag))
            return; // of two elements with one tag the first counts, as for the reader
        var bytes = value.ToArray();
        if (syntax.IsBigEndian)
            ByteOrder.Swap(bytes, capturing.VR!.UnitSize);
        captured.AddOrUpdate(new DicomElement(tag, capturing.VR!, bytes));
    }

    /// <summary>Pixel data that isn't encapsulated must hold what Rows, Columns and the others promise (PS3.5 8).</summary>
    void CheckPixelData(in ElementHeader header, long offset)
    {
        try
        {
            if (captured.GetInt32OrNull(DicomTag.Rows) is not { } rows || captured.GetInt32OrNull(DicomTag.Columns) is not { } columns)
                return;
            var frames = Math.Max(captured.GetInt32OrNull(DicomTag.NumberOfFrames) ?? 1, 1);
            var samples = captured.GetInt32OrNull(DicomTag.SamplesPerPixel) ?? 1;
            if (captured.GetStringOrNull(DicomTag.PhotometricInterpretation) is { } colour && colour.Contains("42", StringComparison.Ordinal))
                samples = Math.Min(samples, 1); // subsampled chroma: at least the luminance is there
            var bits = (Int128)rows * columns * frames * samples * (captured.GetInt32OrNull(DicomTag.BitsAllocated) ?? 8);
            if (header.Length < (bits + 7) / 8)
                structure.Fail(header, offset, $"has {header.Length} bytes, but {frames} frame(s) of {rows} rows and {columns} columns need {(bits + 7) / 8}.");
        }
        catch (DicomDataException e)
        {
            structure.Fail(header, offset, e.Message);
        }
    }

    void Advance(ref ReadOnlySpan<byte> bytes, int count)
    {
        bytes = bytes[count..];
        Position += count;
    }

    bool Fail(string reason)
    {
        structure.Fail(new ElementHeader(elementTag, null, 0, 0), elementOffset, reason);
        return false;
    }
}
