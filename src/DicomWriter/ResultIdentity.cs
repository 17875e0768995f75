using System.Security.Cryptography;
using System.Text;
using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter;

/// <summary>
/// Deterministic UIDs. Their key is what was asked: the source frames, the model, the software and the settings. An instance's UID
/// also covers every byte of its data set, so one UID never stands for two byte strings, and the same input gives the same UID.
/// </summary>
sealed class ResultIdentity
{
    readonly string[] _key;

    /// <param name="key">What was asked.</param>
    public ResultIdentity(IReadOnlyCollection<string> key) => _key = [.. key];

    public ResultIdentity(ResultContext context)
    {
        var algorithm = context.Algorithm;
        _key =
        [
            context.Source.StudyInstanceUid, context.Source.SeriesInstanceUid,
            .. context.Source.Frames.Select(f => FormattableString.Invariant($"{f.SopInstanceUid}#{f.FrameNumber ?? 1}")),
            algorithm.ModelName, algorithm.ModelVersion, algorithm.ModelSha256, algorithm.SoftwareVersion, algorithm.MeasurementVersion,
            .. context.Settings.Select(s => $"{s.Key}={s.Value}"),
        ];
    }

    /// <summary>A UID for something inside the results, the same in every object of this source and model.</summary>
    public string For(params ReadOnlySpan<string> role) => DicomUID.Derive([.. role, .. _key]).Value;

    /// <summary>Tracking UID (0062,0021): one for the structure in all objects of this source and model.</summary>
    public string TrackingUid => For("tracking");

    /// <summary>Tracking ID (0062,0020), the words beside <see cref="TrackingUid"/>.</summary>
    public static string TrackingId(ResultContext context) =>
        ResultText.Value($"{context.Segment.Label} {context.Algorithm.ModelName} {context.Algorithm.ModelVersion}");

    /// <summary>Sets Series and SOP Instance UID. The data set must be complete without them; nothing may be added after.</summary>
    /// <param name="form">Tells objects of one SOP class apart.</param>
    public void Seal(DicomDataset dataset, string form) => SealSeries([dataset], form);

    /// <summary>Sets the one Series UID of several instances, and their SOP Instance UIDs.</summary>
    /// <inheritdoc cref="Seal"/>
    public void SealSeries(IReadOnlyList<DicomDataset> datasets, string form)
    {
        var digests = datasets.Select(Digest).ToArray();
        var series = For("series", datasets[0].GetString(DicomTag.SOPClassUID), form, string.Concat(digests));
        foreach (var (dataset, digest) in datasets.Zip(digests))
        {
            dataset.AddOrUpdate(DicomTag.SeriesInstanceUID, series);
            dataset.AddOrUpdate(DicomTag.SOPInstanceUID, For("instance", dataset.GetString(DicomTag.SOPClassUID), form, digest));
        }
    }

    static string Digest(DicomDataset dataset)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, dataset, dataset.CharacterSet);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    static void Append(IncrementalHash hash, DicomDataset dataset, DicomCharacterSet characterSet)
    {
        foreach (var item in dataset)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{item.Tag}{item.ValueRepresentation.Code}"));
            switch (item)
            {
                case DicomSequence sequence:
                    foreach (var nested in sequence.Items)
                    {
                        hash.AppendData("("u8);
                        Append(hash, nested, characterSet);
                        hash.AppendData(")"u8);
                    }
                    break;
                case DicomElement element:
                    var bytes = element.GetBytes(characterSet).Span;
                    hash.AppendData(BitConverter.GetBytes(bytes.Length));
                    hash.AppendData(bytes);
                    break;
            }
        }
    }
}
