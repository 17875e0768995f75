namespace SoftSeg.Dicom.Imaging;

/// <summary>
/// One frame of an image instance with its plane (PS3.3 C.7.6.2, C.7.6.16.2). Plane values are the source's own strings, so
/// that an object which refers to the frame can repeat them to the letter. Classic images have them in the data set;
/// multi-frame images in the per-frame functional groups, else in the shared ones.
/// An attribute that the source does not have is an empty array, a null or a 0: who needs it says so.
/// </summary>
public sealed record ImageFrame
{
    /// <summary>The instance that the frame belongs to.</summary>
    public required DicomDataset Instance { get; init; }

    /// <summary>The frame's number as References count it, from 1; null for a single-frame image.</summary>
    public int? FrameNumber { get; init; }

    public required string SopClassUid { get; init; }

    public required string SopInstanceUid { get; init; }

    /// <summary>Centre of the frame's first pixel in patient LPS mm: 3 decimal strings.</summary>
    public required string[] ImagePositionPatient { get; init; }

    /// <summary>Direction along a row (column index grows), then down a column (row index grows): 6 decimal strings.</summary>
    public required string[] ImageOrientationPatient { get; init; }

    /// <summary>Between rows, then between columns, mm: 2 decimal strings.</summary>
    public required string[] PixelSpacing { get; init; }

    /// <summary>mm.</summary>
    public string? SliceThickness { get; init; }

    /// <summary>mm; often missing, sometimes negative or wrong: positions are what counts.</summary>
    public string? SpacingBetweenSlices { get; init; }

    public int Rows { get; init; }

    public int Columns { get; init; }

    /// <summary>The frame's own item of PerFrameFunctionalGroupsSequence; null for a single-frame image.</summary>
    public DicomDataset? PerFrame { get; init; }

    /// <summary>The item of SharedFunctionalGroupsSequence; null where there is none.</summary>
    public DicomDataset? Shared { get; init; }

    /// <summary>Stored value to modality value: <c>stored * RescaleSlope + RescaleIntercept</c> (PS3.3 C.11.1, C.7.6.16.2.9); 1 where the source has none.</summary>
    public double RescaleSlope { get; init; } = 1;

    public double RescaleIntercept { get; init; }

    /// <summary>The index of the frame in the pixel data, from 0.</summary>
    public int FrameIndex => (FrameNumber ?? 1) - 1;

    /// <summary>The item of a functional group macro that holds for this frame: its own, else the shared one, else null.</summary>
    public DicomDataset? FunctionalGroup(DicomTag sequence) => FirstItem(PerFrame, sequence) ?? FirstItem(Shared, sequence);

    /// <summary>All frames of an instance, in the order of its pixel data.</summary>
    /// <exception cref="DicomDataException">SOP class or instance UID is missing, a value can't be read, or the number of frames does not fit the functional groups.</exception>
    public static IReadOnlyList<ImageFrame> Of(DicomDataset instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var perFrame = instance.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence);
        var frames = instance.GetInt32OrNull(DicomTag.NumberOfFrames) ?? 1;
        if (perFrame.Count == 0)
        {
            return frames == 1
                ? [Classic(instance)]
                : throw new DicomDataException(
                    $"NumberOfFrames (0028,0008) is {frames}, but there is no PerFrameFunctionalGroupsSequence (5200,9230): the frames have no planes of their own.");
        }
        if (perFrame.Count != frames)
        {
            throw new DicomDataException(
                $"NumberOfFrames (0028,0008) is {frames}, but PerFrameFunctionalGroupsSequence (5200,9230) has {perFrame.Count} items: one is expected for each frame.");
        }
        var shared = FirstItem(instance, DicomTag.SharedFunctionalGroupsSequence);
        return [.. perFrame.Select((groups, index) => MultiFrame(instance, shared, groups, index + 1))];
    }

    static ImageFrame Classic(DicomDataset instance) => new()
    {
        Instance = instance,
        SopClassUid = instance.GetString(DicomTag.SOPClassUID),
        SopInstanceUid = instance.GetString(DicomTag.SOPInstanceUID),
        ImagePositionPatient = instance.GetStrings(DicomTag.ImagePositionPatient),
        ImageOrientationPatient = instance.GetStrings(DicomTag.ImageOrientationPatient),
        PixelSpacing = instance.GetStrings(DicomTag.PixelSpacing),
        SliceThickness = NullIfEmpty(instance.GetStringOrNull(DicomTag.SliceThickness)),
        SpacingBetweenSlices = NullIfEmpty(instance.GetStringOrNull(DicomTag.SpacingBetweenSlices)),
        Rows = instance.GetInt32OrNull(DicomTag.Rows) ?? 0,
        Columns = instance.GetInt32OrNull(DicomTag.Columns) ?? 0,
        RescaleSlope = instance.GetDoubleOrNull(DicomTag.RescaleSlope) ?? 1,
        RescaleIntercept = instance.GetDoubleOrNull(DicomTag.RescaleIntercept) ?? 0,
    };

    static ImageFrame MultiFrame(DicomDataset instance, DicomDataset? shared, DicomDataset groups, int number)
    {
        var position = Group(DicomTag.PlanePositionSequence);
        var orientation = Group(DicomTag.PlaneOrientationSequence);
        var measures = Group(DicomTag.PixelMeasuresSequence);
        var transformation = Group(DicomTag.PixelValueTransformationSequence);
        return new()
        {
            Instance = instance,
            FrameNumber = number,
            PerFrame = groups,
            Shared = shared,
            SopClassUid = instance.GetString(DicomTag.SOPClassUID),
            SopInstanceUid = instance.GetString(DicomTag.SOPInstanceUID),
            ImagePositionPatient = position?.GetStrings(DicomTag.ImagePositionPatient) ?? [],
            ImageOrientationPatient = orientation?.GetStrings(DicomTag.ImageOrientationPatient) ?? [],
            PixelSpacing = measures?.GetStrings(DicomTag.PixelSpacing) ?? [],
            SliceThickness = NullIfEmpty(measures?.GetStringOrNull(DicomTag.SliceThickness)),
            SpacingBetweenSlices = NullIfEmpty(measures?.GetStringOrNull(DicomTag.SpacingBetweenSlices)),
            Rows = instance.GetInt32OrNull(DicomTag.Rows) ?? 0,
            Columns = instance.GetInt32OrNull(DicomTag.Columns) ?? 0,
            RescaleSlope = transformation?.GetDoubleOrNull(DicomTag.RescaleSlope) ?? 1,
            RescaleIntercept = transformation?.GetDoubleOrNull(DicomTag.RescaleIntercept) ?? 0,
        };

        DicomDataset? Group(DicomTag sequence) => FirstItem(groups, sequence) ?? FirstItem(shared, sequence);
    }

    static DicomDataset? FirstItem(DicomDataset? dataset, DicomTag sequence) =>
        dataset?.GetSequence(sequence) is { Count: > 0 } items ? items[0] : null;

    static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
