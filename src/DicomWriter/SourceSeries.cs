using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter;

/// <summary>The source frames as the results need them: checked against the mask, with the attributes that must be there.</summary>
sealed class SourceSeries
{
    public SourceSeries(IReadOnlyList<ImageFrame> frames, Volume? softMask)
    {
        if (frames.Count == 0)
            throw new ArgumentException("A result needs at least one source frame.", nameof(frames));
        if (softMask is not null)
            CheckGrid(frames, softMask);
        Frames = frames;
        Instance = frames[0].Instance;
        Instances = [.. frames.Select(f => new SourceInstance(f.SopClassUid, f.SopInstanceUid)).Distinct()];
        StudyInstanceUid = Required(DicomTag.StudyInstanceUID);
        SeriesInstanceUid = Required(DicomTag.SeriesInstanceUID);
        SliceSpacing = softMask?.Slices > 1 ? softMask.Affine.SliceStep.Length : null;
        (ContentDate, ContentTime) = Dated();
        (FrameWord, FrameNumbers) = Numbered();
    }

    public IReadOnlyList<ImageFrame> Frames { get; }

    /// <summary>The instance of the lowest slice: patient, study and dates are taken from it.</summary>
    public DicomDataset Instance { get; }

    /// <summary>The instances behind the frames, each once, in the order of the frames.</summary>
    public IReadOnlyList<SourceInstance> Instances { get; }

    public string StudyInstanceUid { get; }

    public string SeriesInstanceUid { get; }

    /// <exception cref="DicomConformanceException">The source has none.</exception>
    public string FrameOfReferenceUid => Required(DicomTag.FrameOfReferenceUID);

    /// <summary>What viewers call a frame (image, frame), or slice where they have no number for it.</summary>
    public string FrameWord { get; }

    /// <summary>
    /// The number of each frame as viewers show it: Instance Number, or Frame Number of the one multi-frame instance; where the source has none for some or one twice,
    /// the position from 1.
    /// </summary>
    public IReadOnlyList<int> FrameNumbers { get; }

    /// <summary>Distance between slices, mm; null for a single slice.</summary>
    public double? SliceSpacing { get; }

    /// <summary>Date and time that results carry: the source's own, so that the same input gives the same bytes.</summary>
    public string ContentDate { get; }

    public string ContentTime { get; }

    public string Description => Instance.GetStringOrNull(DicomTag.SeriesDescription)?.Trim() ?? "";

    static void CheckGrid(IReadOnlyList<ImageFrame> frames, Volume softMask)
    {
        if (frames.Count != softMask.Slices)
            throw new ArgumentException($"{frames.Count} source frames do not fit a mask of {softMask.Slices} slices.", nameof(frames));
        foreach (var frame in frames)
        {
            if (frame.Rows != softMask.Rows || frame.Columns != softMask.Columns)
                throw new ArgumentException($"A source frame of {frame.Rows} x {frame.Columns} does not fit a mask of {softMask.Rows} x {softMask.Columns}.", nameof(frames));
            RequireValues(frame, DicomTag.ImagePositionPatient, frame.ImagePositionPatient, 3);
            RequireValues(frame, DicomTag.ImageOrientationPatient, frame.ImageOrientationPatient, 6);
            RequireValues(frame, DicomTag.PixelSpacing, frame.PixelSpacing, 2);
        }
    }

    static void RequireValues(ImageFrame frame, DicomTag tag, string[] values, int count)
    {
        if (values.Length != count)
            throw new DicomConformanceException(tag, $"has {values.Length} values in source instance {frame.SopInstanceUid}; {count} are needed.");
    }

    string Required(DicomTag tag)
    {
        var value = Instance.GetStringOrNull(tag);
        return !string.IsNullOrWhiteSpace(value) ? value
            : throw new DicomConformanceException(tag, $"is missing in source instance {Frames[0].SopInstanceUid}: no result can refer to it.");
    }

    (string Word, int[] Numbers) Numbered()
    {
        var multiframe = Frames[0].FrameNumber is not null;
        int?[] numbers = [.. Frames.Select(frame => multiframe ? frame.FrameNumber
            : int.TryParse(frame.Instance.GetStringOrNull(DicomTag.InstanceNumber), NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out var number) ? number : null)];
        return numbers.All(n => n is not null) && numbers.Distinct().Count() == numbers.Length
            ? (multiframe ? "frame" : "image", [.. numbers.Select(n => n!.Value)])
            : ("slice", [.. Enumerable.Range(1, numbers.Length)]);
    }

    (string Date, string Time) Dated()
    {
        ReadOnlySpan<(DicomTag Date, DicomTag Time)> candidates =
        [
            (DicomTag.ContentDate, DicomTag.ContentTime),
            (DicomTag.AcquisitionDate, DicomTag.AcquisitionTime),
            (DicomTag.SeriesDate, DicomTag.SeriesTime),
            (DicomTag.StudyDate, DicomTag.StudyTime),
        ];
        foreach (var (dateTag, timeTag) in candidates)
        {
            var date = Instance.GetStringOrNull(dateTag)?.Trim();
            if (!DateOnly.TryParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                continue;
            var time = Instance.GetStringOrNull(timeTag)?.Trim() ?? "";
            return (date!, time.Length is >= 2 and <= 13 && time.All(c => char.IsAsciiDigit(c) || c == '.') ? time : "000000");
        }
        // De-identified sources may have no date at all, while Content Date is Type 1.
        return ("19000101", "000000");
    }
}

/// <summary>A source instance: Referenced SOP Class UID and Referenced SOP Instance UID.</summary>
readonly record struct SourceInstance(string SopClassUid, string SopInstanceUid);
