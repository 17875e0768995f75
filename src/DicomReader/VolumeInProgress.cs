using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Network;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>A stack whose place is known and whose voxels are being read.</summary>
sealed class VolumeInProgress
{
    /// <summary>SpacingBetweenSlices that differs from the positions by more than this share is worth a note.</summary>
    const double SpacingDisagreement = 0.01;

    readonly Affine affine;
    readonly Lazy<Volume> volume;
    readonly Lock faults = new();
    int firstFault = int.MaxValue;

    public VolumeInProgress(FrameGroup group, Affine affine)
    {
        (Group, this.affine) = (group, affine);
        // Every slice is written, or the volume is dropped.
        volume = new(() => new(GC.AllocateUninitializedArray<float>((int)VoxelCount), Group.Frames.Count, First.Rows, First.Columns, affine));
        if (!(affine.VoxelVolume > 0) || !double.IsFinite(affine.VoxelVolume))
            throw new SeriesRefusedException($"Its voxels have no volume: the spacing is {affine.Spacing.Slice} x {affine.Spacing.Row} x {affine.Spacing.Column} mm (slices, rows, columns).");
        foreach (var frame in group.Frames)
        {
            if (frame.Image.RescaleSlope == 0 || !double.IsFinite(frame.Image.RescaleSlope) || !double.IsFinite(frame.Image.RescaleIntercept))
            {
                throw new SeriesRefusedException(
                    $"RescaleSlope is {frame.Image.RescaleSlope} and RescaleIntercept {frame.Image.RescaleIntercept} in {frame.Image.SopInstanceUid}; a slope other than 0 is expected.");
            }
        }
    }

    public FrameGroup Group { get; }

    ImageFrame First => Group.Frames[0].Image;

    FrameAcquisition Acquisition => Group.Frames[0].Acquisition;

    public long VoxelCount => (long)Group.Frames.Count * First.Rows * First.Columns;

    /// <summary>Why the voxels could not be read; null when nothing went wrong.</summary>
    public string? Fault { get; private set; }

    /// <summary>A file that can't be read; that of the first one is kept, so that the same series always hears of the same file.</summary>
    /// <param name="order">The file's place among all.</param>
    public void AddFault(int order, string fault)
    {
        lock (faults)
        {
            if (!HasFaultBefore(order))
                (firstFault, Fault) = (order, fault);
        }
    }

    /// <summary>Whether a file in front of this place can't be read.</summary>
    public bool HasFaultBefore(int order) => Volatile.Read(ref firstFault) < order;

    /// <summary>One slice's voxels, <c>[row, column]</c>.</summary>
    public Span<float> Slice(int slice) => volume.Value.Slice(slice);

    public ImageStack ToStack() => new()
    {
        Volume = volume.Value,
        Frames = [.. Group.Frames.Select(f => f.Image)],
        Description = Description,
        IsDerived = Acquisition.IsDerived,
        IsLocalizer = Localizers.IsOne(Acquisition.ImageType, Group.Frames[0].SeriesDescription, Group.Frames[0].ProtocolName),
        IsMosaic = Group.Frames[0].Tile is not null,
        Component = Acquisition.Component,
        EchoTime = Acquisition.EchoTime,
        EchoNumber = Acquisition.EchoNumber,
        BValue = Acquisition.Diffusion.BValue,
        Repetition = Group.Repetition,
    };

    public IEnumerable<string> Notes()
    {
        if (Group.Frames.Count == 1)
            yield return $"{Description}: one image only, its SliceThickness is taken as the spacing.";
        if (First.Instance.GetStringOrNull(DicomTag.PhotometricInterpretation) == "MONOCHROME1")
            yield return $"{Description}: MONOCHROME1 (low values are shown bright); the values are kept as they are.";
        var spacing = affine.Spacing.Slice;
        if (Group.Frames.Count > 1 && First.SpacingBetweenSlices is { } text && double.TryParse(text, out var said) && Math.Abs(said - spacing) > SpacingDisagreement * spacing)
            yield return $"{Description}: SpacingBetweenSlices says {text} mm; the positions, {Geometry.Mm(spacing)} mm apart, are taken.";
    }

    string Description
    {
        get
        {
            var (slice, row, column) = affine.Spacing;
            return $"{Group.Title}{PlaneNames.Of(Group.Normal)}, {Group.Frames.Count} slice{(Group.Frames.Count == 1 ? "" : "s")} of {First.Rows} x {First.Columns}, "
                + $"{Geometry.Mm(row)} x {Geometry.Mm(column)} x {Geometry.Mm(slice)} mm{Group.DifferencesText}";
        }
    }
}

/// <summary>Fills all volumes of a series, opening each instance once, on as many processors as there are.</summary>
sealed class PixelPass(DicomLimits limits, CancellationToken cancellationToken)
{
    /// <summary>Reads every slice; a volume with a slice that can't be read gets a fault and the others go on.</summary>
    public void Run(IReadOnlyList<VolumeInProgress> volumes)
    {
        var slices = volumes.SelectMany(volume => volume.Group.Frames.Select((frame, index) => (Volume: volume, Frame: frame, Index: index)));
        var instances = slices.GroupBy(slice => slice.Frame.Source).OrderBy(g => g.Key.Name, StringComparer.Ordinal).Select(g => (Source: g.Key, Slices: g.ToArray())).ToArray();
        Parallel.For(0, instances.Length, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            // What can't become a volume any more is not worth the time of its other files, each of which may be made to be slow.
            if (instances[i].Slices.All(slice => slice.Volume.HasFaultBefore(i)))
                return;
            if (Read(instances[i].Source, instances[i].Slices) is not { } fault)
                return;
            foreach (var (volume, _, _) in instances[i].Slices)
                volume.AddFault(i, fault);
        });
    }

    string? Read(SourceInstance source, (VolumeInProgress Volume, SourceFrame Frame, int Index)[] slices)
    {
        try
        {
            using var pixels = source.OpenPixels(limits);
            foreach (var (volume, frame, index) in slices)
                pixels.Read(frame, volume.Slice(index), cancellationToken);
            foreach (var twin in source.Twins)
                Compare(twin, slices);
            return null;
        }
        catch (Exception e) when (e is DicomDataException or SeriesRefusedException or IOException or UnauthorizedAccessException)
        {
            return $"{source.Name} can't be read: {e.Message}";
        }
    }

    void Compare(SourceInstance twin, (VolumeInProgress Volume, SourceFrame Frame, int Index)[] slices)
    {
        using var pixels = twin.OpenPixels(limits);
        foreach (var (volume, frame, index) in slices)
        {
            var values = new float[volume.Slice(index).Length];
            pixels.Read(frame, values, cancellationToken);
            if (!volume.Slice(index).SequenceEqual(values))
            {
                throw new SeriesRefusedException(
                    $"{twin.Name} has the same SOPInstanceUID {frame.Image.SopInstanceUid} and other pixels: which one is right can't be known. Send the series again from one source.");
            }
        }
    }
}
