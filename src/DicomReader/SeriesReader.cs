using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomReader;

/// <summary>
/// Makes volumes of the instances of an MR series: MR, Enhanced MR and Legacy Converted Enhanced MR Image Storage.
/// Slices are sorted by position along the normal of ImageOrientationPatient; images that differ in echo, weighting, component,
/// orientation, matrix or time become stacks of their own; what is no evenly spaced stack is refused with the numbers.
/// The result does not depend on the order of the input. Bad input makes refusals, never an exception.
/// </summary>
public static class SeriesReader
{
    /// <summary>Reads a series from files: all headers first, then the pixel data, of as many files at a time as there are processors.</summary>
    public static SeriesReading Read(IEnumerable<string> paths, SeriesReaderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths];
        var opened = new (SourceInstance? Source, Refusal? Refusal)[files.Length];
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, i => opened[i] = Open(files[i]));
        return Read([.. opened.Select(o => o.Source).OfType<SourceInstance>()], [.. opened.Select(o => o.Refusal).OfType<Refusal>()], options ?? SeriesReaderOptions.Default, cancellationToken);
    }

    static (SourceInstance?, Refusal?) Open(string path)
    {
        try
        {
            return (SourceInstance.Open(path), null);
        }
        catch (Exception e) when (e is DicomDataException or IOException or UnauthorizedAccessException)
        {
            return (null, new(Path.GetFileName(path), $"The file can't be read: {e.Message}", []));
        }
    }

    /// <summary>Reads a series from data sets that have their pixel data.</summary>
    public static SeriesReading Read(IEnumerable<DicomDataset> instances, SeriesReaderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instances);
        return Read([.. instances.Select(SourceInstance.Of)], [], options ?? SeriesReaderOptions.Default, cancellationToken);
    }

    static SeriesReading Read(List<SourceInstance> sources, List<Refusal> refusals, SeriesReaderOptions options, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var frames = InstanceAdmission.Admit(sources, notes, refusals);
        var splitter = new StackSplitter(options);
        var groups = splitter.Split(frames);
        notes.AddRange(splitter.Notes);

        var volumes = new List<VolumeInProgress>();
        var voxels = 0L;
        foreach (var group in groups)
        {
            try
            {
                if ((group.Fault ?? PixelFault(group)) is { } fault)
                    throw new SeriesRefusedException(fault);
                var volume = new VolumeInProgress(group, Geometry.Place(group, options));
                voxels += volume.VoxelCount;
                if (voxels > options.MaxVoxels || volume.VoxelCount > Array.MaxLength)
                {
                    voxels -= volume.VoxelCount;
                    throw new SeriesRefusedException(
                        $"{volume.VoxelCount} voxels are too many: {options.MaxVoxels - voxels} are left of the {options.MaxVoxels} that a series may have (raise MaxVoxels; each takes 4 bytes).");
                }
                volumes.Add(volume);
            }
            catch (SeriesRefusedException e)
            {
                refusals.Add(group.Refuse(e.Message));
            }
        }

        new PixelPass(options.Limits, cancellationToken).Run(volumes);
        var stacks = new List<ImageStack>();
        foreach (var volume in volumes)
        {
            if (volume.Fault is not null)
            {
                refusals.Add(volume.Group.Refuse(volume.Fault));
                continue;
            }
            stacks.Add(volume.ToStack());
            notes.AddRange(volume.Notes());
        }
        return new([.. stacks.OrderBy(s => s.IsLocalizer).ThenBy(s => s.IsDerived).ThenBy(s => s.Component)], notes, refusals);
    }

    /// <summary>One image that can't be read spoils its stack: without it there would be a volume with a slice less.</summary>
    static string? PixelFault(FrameGroup group) => group.Frames.Select(f => f.Source).Distinct().Select(s => s.PixelFault()).FirstOrDefault(fault => fault is not null);
}
