using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomReader;

/// <summary>Decides which instances are MR images with a place in the patient; the others are refused by what they are.</summary>
sealed class InstanceAdmission
{
    static readonly string[] imageClasses =
    [
        DicomUID.MRImageStorage.Value, DicomUID.EnhancedMRImageStorage.Value, DicomUID.LegacyConvertedEnhancedMRImageStorage.Value,
    ];

    readonly Dictionary<string, List<SourceFrame>> admitted = [];
    readonly SortedDictionary<string, List<SourceInstance>> refused = new(StringComparer.Ordinal);
    readonly SortedSet<string> conflicts = new(StringComparer.Ordinal);
    int duplicates;

    /// <summary>The frames of all instances that pass. Instances that came more than once are taken once.</summary>
    public static List<SourceFrame> Admit(IEnumerable<SourceInstance> sources, List<string> notes, List<Refusal> refusals)
    {
        var admission = new InstanceAdmission();
        foreach (var source in sources)
            admission.Add(source);
        return admission.Close(notes, refusals);
    }

    void Add(SourceInstance source)
    {
        try
        {
            Examine(source.Header);
            var images = ImageFrame.Of(source.Header);
            List<SourceFrame> frames = SiemensMosaic.Is(source.Header) && images.Count == 1
                ? [.. SiemensMosaic.Slices(images[0]).Select(s => new SourceFrame(source, s.Frame, s.Tile))]
                : [.. images.Select(f => new SourceFrame(source, f))];
            var uid = frames[0].Image.SopInstanceUid;
            if (admitted.TryAdd(uid, frames))
                return;
            if (!admitted[uid].Select(f => f.Signature).SequenceEqual(frames.Select(f => f.Signature)))
                conflicts.Add(uid);
            admitted[uid][0].Source.Twins.Add(source);
            duplicates++;
        }
        catch (Exception e) when (e is DicomDataException or SeriesRefusedException)
        {
            if (!refused.TryGetValue(e.Message, out var same))
                refused.Add(e.Message, same = []);
            same.Add(source);
        }
    }

    List<SourceFrame> Close(List<string> notes, List<Refusal> refusals)
    {
        foreach (var (reason, instances) in refused)
            refusals.Add(new(Count(instances), reason, [.. instances.Select(i => TryUid(i.Header)).OfType<string>()]));
        foreach (var uid in conflicts)
        {
            var source = admitted[uid][0].Source;
            refusals.Add(new($"{source.Name}, {string.Join(", ", source.Twins.Select(t => t.Name))}",
                $"They have the same SOPInstanceUID {uid}, but differ in place or acquisition: which one is right can't be known. Send the series again from one source.", [uid]));
            admitted.Remove(uid);
        }
        if (duplicates > 0)
            notes.Add($"{duplicates} instance{(duplicates == 1 ? " was a copy of another and was" : "s were copies of others and were")} left out.");
        return [.. admitted.Values.SelectMany(f => f)];
    }

    /// <exception cref="SeriesRefusedException">The instance is no MR image with one slice a frame.</exception>
    static void Examine(DicomDataset header)
    {
        foreach (var tag in (DicomTag[])[DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.Modality])
        {
            if (header.GetStringOrNull(tag) is null)
                throw new SeriesRefusedException($"{DicomDictionary.Lookup(tag)?.Keyword} is missing: this is no image as a scanner makes it.");
        }
        var modality = header.GetString(DicomTag.Modality);
        if (modality != "MR")
            throw new SeriesRefusedException($"Modality is {modality}; MR is expected. Send magnetic resonance images only.");
        var sopClass = header.GetString(DicomTag.SOPClassUID);
        if (!imageClasses.Contains(sopClass))
        {
            throw new SeriesRefusedException(
                $"SOPClassUID is {new DicomUID(sopClass).Name}; {string.Join(", ", imageClasses.Select(c => new DicomUID(c).Name))} are expected. Send the images as the scanner made them.");
        }
    }

    static string Count(List<SourceInstance> instances) =>
        instances.Count == 1 ? instances[0].Name : $"{instances.Count} instances ({instances[0].Name}, ...)";

    static string? TryUid(DicomDataset header)
    {
        try
        {
            return header.GetStringOrNull(DicomTag.SOPInstanceUID);
        }
        catch (DicomDataException)
        {
            return null;
        }
    }
}
