using System.Text.RegularExpressions;
using SoftSeg.Dicom;
using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Return;

/// <summary>A form in which a result can go.</summary>
/// <param name="Name">For people.</param>
/// <param name="Files">Names of its files in the folder of the results; a regular expression.</param>
public sealed record ResultForm(string Name, DicomUID SopClass, string Files);

/// <summary>What a reader of results wants, and the forms in which they can have it, best first: one goes, the first that the peer takes.</summary>
public sealed record ResultKind(string Name, Func<ResultsSettings, bool> IsOn, params IReadOnlyList<ResultForm> Forms)
{
    /// <summary>In the order in which they are sent.</summary>
    public static IReadOnlyList<ResultKind> All { get; } =
    [
        // A viewer that misreads bits, or an archive that refuses them, may take the same voxels as bytes.
        new("visible segmentation", results => results.Binary,
            new("binary SEG", DicomUID.SegmentationStorage, @"seg-binary\.dcm"),
            new("SEG of 0 and 255", DicomUID.SegmentationStorage, @"seg-binary-255\.dcm")),
        new("soft segmentation", results => results.Soft, new ResultForm("fractional SEG", DicomUID.SegmentationStorage, @"seg-soft\.dcm")),
        new("report", results => results.Report,
            new("Comprehensive 3D SR", DicomUID.Comprehensive3DSRStorage, @"sr\.dcm"),
            new("Comprehensive SR", DicomUID.ComprehensiveSRStorage, @"sr-comprehensive\.dcm")),
    ];

    /// <summary>
    /// The results in a folder: for each volume of the series (its files begin with <c>01-</c>, <c>02-</c>, ... where there are several) and each kind, the files of
    /// each form that is there. What is of no kind goes by itself.
    /// </summary>
    public static IReadOnlyList<Result> Of(IEnumerable<string> files)
    {
        var results = new List<Result>();
        foreach (var volume in files.GroupBy(file => Prefix().Match(Path.GetFileName(file)).Value).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var left = volume.Order(StringComparer.Ordinal).ToList();
            foreach (var kind in All)
            {
                var forms = kind.Forms
                    .Select(form => (form, Files: left.Where(file => Regex.IsMatch(Path.GetFileName(file)[volume.Key.Length..], $"^{form.Files}$")).ToArray()))
                    .Where(form => form.Files.Length > 0).ToArray();
                if (forms.Length > 0)
                    results.Add(new Result(volume.Key + kind.Name, [.. forms.Select(form => new FilesOfForm(form.form.Name, form.Files))]));
                left.RemoveAll(file => forms.Any(form => form.Files.Contains(file)));
            }
            results.AddRange(left.Select(file => new Result(Path.GetFileName(file), [new FilesOfForm(Path.GetFileName(file), [file])])));
        }
        return results;
    }

    static Regex Prefix() => new(@"^(\d\d-)?");
}

/// <summary>A result on disk: the same content in one form or several, best first.</summary>
public sealed record Result(string Name, IReadOnlyList<FilesOfForm> Forms);

/// <summary>The files of a result in one form; they belong together.</summary>
public sealed record FilesOfForm(string Form, IReadOnlyList<string> Files);
