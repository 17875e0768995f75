using System.Text.RegularExpressions;
using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Return;

/// <summary>A form in which a result can go.</summary>
/// <param name="Name">For people.</param>
/// <param name="Files">Names of its files in the folder of the results; a regular expression.</param>
public sealed record ResultForm(string Name, DicomUID SopClass, string Files);

/// <summary>What a reader of results wants, and the forms in which they can have it, best first: one goes, the first that the peer takes.</summary>
/// <param name="Name">For people.</param>
/// <param name="Setting">The name of the setting in <see cref="ResultsSettings"/> that switches it.</param>
public sealed record ResultKind(string Name, string Setting, params IReadOnlyList<ResultForm> Forms)
{
    static readonly ResultForm Overlay = new("secondary captures", DicomUID.SecondaryCaptureImageStorage, @"overlay-\d+\.dcm");

    /// <summary>In the order in which they are sent.</summary>
    public static IReadOnlyList<ResultKind> All { get; } =
    [
        // A viewer that misreads bits, or an archive that refuses them, may take the same voxels as bytes; any archive takes pictures.
        new("visible segmentation", nameof(ResultsSettings.Binary),
            new("binary SEG", DicomUID.SegmentationStorage, @"seg-binary\.dcm"),
            new("SEG of 0 and 255", DicomUID.SegmentationStorage, @"seg-binary-255\.dcm"),
            Overlay),
        new("soft segmentation", nameof(ResultsSettings.Soft), new ResultForm("fractional SEG", DicomUID.SegmentationStorage, @"seg-soft\.dcm")),
        new("report", nameof(ResultsSettings.Report),
            new("Comprehensive 3D SR", DicomUID.Comprehensive3DSRStorage, @"sr\.dcm"),
            new("Comprehensive SR", DicomUID.ComprehensiveSRStorage, @"sr-comprehensive\.dcm")),
        new("overlay pictures", nameof(ResultsSettings.Overlay), Overlay),
        new("report page", nameof(ResultsSettings.Page), new ResultForm("Encapsulated PDF", DicomUID.EncapsulatedPDFStorage, @"page\.dcm")),
        new("picture of the report page", nameof(ResultsSettings.PagePicture), new ResultForm("secondary capture", DicomUID.SecondaryCaptureImageStorage, @"page-picture\.dcm")),
        new("reason", nameof(ResultsSettings.Refusal), new ResultForm("Basic Text SR", DicomUID.BasicTextSRStorage, @"reason\.dcm")),
        new("report with segment", nameof(ResultsSettings.SegmentReport),
            new("Comprehensive 3D SR", DicomUID.Comprehensive3DSRStorage, @"sr-segment\.dcm"),
            new("Comprehensive SR", DicomUID.ComprehensiveSRStorage, @"sr-segment-comprehensive\.dcm")),
        new("label map", nameof(ResultsSettings.LabelMap), new ResultForm("label map SEG", DicomUID.LabelMapSegmentationStorage, @"labelmap\.dcm")),
        new("parametric map", nameof(ResultsSettings.ParametricMap), new ResultForm("parametric map", DicomUID.ParametricMapStorage, @"parametric-map\.dcm")),
        // The last: what takes the place of what is withdrawn is there by then.
        new("rejection note", nameof(PeerSettings.Withdraw), new ResultForm("Key Object Selection", DicomUID.KeyObjectSelectionDocumentStorage, @"rejection\.dcm")),
    ];

    /// <summary>
    /// The results in a folder: for each volume of the series (its files begin with <c>01-</c>, <c>02-</c>, ... where there are several) and each kind, the files of
    /// each form that is there.
    /// </summary>
    /// <param name="files">All results of a series.</param>
    /// <param name="wanted">Which kinds to take, by <see cref="Setting"/>.</param>
    public static IReadOnlyList<Result> Of(IEnumerable<string> files, Func<string, bool> wanted)
    {
        var results = new List<Result>();
        foreach (var volume in files.GroupBy(file => Prefix().Match(Path.GetFileName(file)).Value).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            foreach (var kind in All.Where(kind => wanted(kind.Setting)))
            {
                var forms = kind.Forms
                    .Select(form => (form, Files: volume.Order(StringComparer.Ordinal).Where(file => Regex.IsMatch(Path.GetFileName(file)[volume.Key.Length..], $"^{form.Files}$")).ToArray()))
                    .Where(form => form.Files.Length > 0).ToArray();
                if (forms.Length > 0)
                    results.Add(new Result(volume.Key + kind.Name, [.. forms.Select(form => new FilesOfForm(form.form.Name, form.Files))]));
            }
        }
        return results;
    }

    static Regex Prefix() => new(@"^(\d\d-)?");
}

/// <summary>A result on disk: the same content in one form or several, best first.</summary>
public sealed record Result(string Name, IReadOnlyList<FilesOfForm> Forms);

/// <summary>The files of a result in one form; they belong together.</summary>
public sealed record FilesOfForm(string Form, IReadOnlyList<string> Files);
