using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Segment;

/// <summary>What rules may ask of a series: the header of its first instance, how many there are, and how they came.</summary>
/// <param name="callingAeTitles">Who sent it.</param>
/// <param name="calledAeTitles">By which of its names the sender called this node.</param>
public sealed class SeriesFacts(IReadOnlyList<string> files, IReadOnlyCollection<string> callingAeTitles, IReadOnlyCollection<string> calledAeTitles)
{
    /// <summary>As received: who sent it and to whom is in the file meta (PS3.10 7.1).</summary>
    /// <exception cref="DicomDataException">The first file can't be read.</exception>
    public static SeriesFacts Received(IReadOnlyList<string> files, IReadOnlyCollection<string> callingAeTitles)
    {
        var called = DicomFile.Open(files[0], DicomReadOptions.UntilPixelData).FileMetaInfo.GetStringOrNull(DicomTag.ReceivingApplicationEntityTitle);
        return new SeriesFacts(files, callingAeTitles, called is null ? [] : [called]);
    }

    public IReadOnlyList<string> Files => files;

    public DicomDataset Header { get; } = DicomFile.Open(files[0], DicomReadOptions.UntilPixelData).Dataset;

    /// <summary>The first header says it, and so do all others: one that differs makes the series a mixed one.</summary>
    public bool All(Func<DicomDataset, bool> says) =>
        says(Header) && files.Skip(1).All(file => says(DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset));

    /// <summary>The values of an attribute of a condition; none where the series has none.</summary>
    public IReadOnlyList<string> Values(string attribute) => attribute.ToUpperInvariant() switch
    {
        "CALLINGAE" => [.. callingAeTitles],
        "CALLEDAE" => [.. calledAeTitles],
        "PLANE" => Plane(),
        "SLICES" => [(files.Count * (Header.GetInt32OrNull(DicomTag.NumberOfFrames) ?? 1)).ToString(CultureInfo.InvariantCulture)],
        _ => DicomDictionary.LookupKeyword(attribute) is { } entry ? Find(entry.Tag) : [],
    };

    public static bool IsKnown(string attribute) =>
        new[] { ConditionSettings.CallingAE, ConditionSettings.CalledAE, ConditionSettings.Plane, ConditionSettings.Slices }.Contains(attribute, StringComparer.OrdinalIgnoreCase)
        || DicomDictionary.LookupKeyword(attribute) is { VR: var vr } && vr != DicomVR.SQ;

    /// <summary>In the data set, else in the functional groups of the first frame (PS3.3 C.7.6.16): its own, then the shared ones.</summary>
    string[] Find(DicomTag tag)
    {
        if (Header.Contains(tag))
            return Header.GetStrings(tag);
        foreach (var groups in (DicomTag[])[DicomTag.PerFrameFunctionalGroupsSequence, DicomTag.SharedFunctionalGroupsSequence])
        {
            if (Header.GetSequence(groups) is not [var frame, ..])
                continue;
            foreach (var macro in frame.Where(item => item.ValueRepresentation == DicomVR.SQ))
            {
                if (frame.GetSequence(macro.Tag) is [var values, ..] && values.Contains(tag))
                    return values.GetStrings(tag);
            }
        }
        return [];
    }

    string[] Plane()
    {
        var directions = Find(DicomTag.ImageOrientationPatient)
            .Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN).ToArray();
        if (directions.Length != 6)
            return [];
        var normal = new Vector3(directions[0], directions[1], directions[2]).Cross(new Vector3(directions[3], directions[4], directions[5]));
        return normal.Length > 0 ? PlaneNames.Of(normal.Normalize()).Split(' ') : [];
    }
}
