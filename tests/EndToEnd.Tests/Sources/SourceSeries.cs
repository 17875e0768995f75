using System.Globalization;
using System.Text;
using SoftSeg.Dicom;

namespace SoftSeg.EndToEnd.Tests.Sources;

/// <summary>One instance of a source series, with its plane in the strings of its file.</summary>
sealed record SourceSlice(string File, string SopInstanceUid, string ImagePositionPatient, string ImageOrientationPatient);

/// <summary>A classic MR series in a folder: what a test sends, and what it compares the results with.</summary>
sealed class SourceSeries
{
    SourceSeries(string folder, IReadOnlyList<SourceSlice> slices, DicomDataset first, float[]? label)
    {
        (Folder, Slices, Label) = (folder, slices, label);
        StudyUid = first.GetString(DicomTag.StudyInstanceUID);
        SeriesUid = first.GetString(DicomTag.SeriesInstanceUID);
        Rows = first.GetInt32(DicomTag.Rows);
        Columns = first.GetInt32(DicomTag.Columns);
        PixelSpacing = first.GetDoubles(DicomTag.PixelSpacing);
    }

    public string Folder { get; }

    public string StudyUid { get; }

    public string SeriesUid { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Between rows, then between columns, mm.</summary>
    public double[] PixelSpacing { get; }

    /// <summary>In ascending position along the normal of the slices (row direction x column direction).</summary>
    public IReadOnlyList<SourceSlice> Slices { get; }

    /// <summary>The true or manual mask, 0..1, <c>[slice, row, column]</c>, where there is one.</summary>
    public float[]? Label { get; }

    /// <summary>In the order of their names, as a person would send them.</summary>
    public IReadOnlyList<string> Files => [.. Slices.Select(slice => slice.File).Order(StringComparer.Ordinal)];

    /// <summary>Distance between neighbouring slices, mm.</summary>
    public double SliceSpacing => Along(Slices[1]) - Along(Slices[0]);

    /// <summary>Whether the slices cross the cord; a sagittal or coronal series is crossed by it row after row.</summary>
    public bool IsAxial => Math.Abs(Normal(Slices[0])[2]) > 0.7;

    public int SliceOf(string sopInstanceUid) =>
        Slices.Index().First(entry => entry.Item.SopInstanceUid == sopInstanceUid).Index;

    /// <summary>Reads the <c>*.dcm</c> of a folder, and <c>label.npy.gz</c> if it is there.</summary>
    /// <param name="labelOf">The label of a slice, <c>[row, column]</c>, by its file, where there is no such file.</param>
    public static SourceSeries Read(string folder, Func<string, float[]>? labelOf = null)
    {
        var datasets = Directory.GetFiles(folder, "*.dcm")
            .Select(file => (File: file, DicomFile.Open(file, new DicomReadOptions { StopBefore = DicomTag.PixelData }).Dataset)).ToArray();
        var slices = datasets.Select(entry => new SourceSlice(
            entry.File,
            entry.Dataset.GetString(DicomTag.SOPInstanceUID),
            Text(entry.Dataset, DicomTag.ImagePositionPatient),
            Text(entry.Dataset, DicomTag.ImageOrientationPatient))).OrderBy(Along).ToArray();
        var file = Path.Combine(folder, "label.npy.gz");
        var label = File.Exists(file) ? NpyFile.ReadSingles(file, slices.Length)
            : labelOf is null ? null : slices.SelectMany(slice => labelOf(slice.File)).ToArray();
        return new SourceSeries(folder, slices, datasets[0].Dataset, label);
    }

    /// <summary>The characters of the value as the file has them.</summary>
    static string Text(DicomDataset dataset, DicomTag tag) => Encoding.ASCII.GetString(dataset.GetBytes(tag).Span).Trim();

    /// <summary>Position along the normal, mm.</summary>
    static double Along(SourceSlice slice)
    {
        var (normal, position) = (Normal(slice), Numbers(slice.ImagePositionPatient));
        return (normal[0] * position[0]) + (normal[1] * position[1]) + (normal[2] * position[2]);
    }

    static double[] Normal(SourceSlice slice)
    {
        var o = Numbers(slice.ImageOrientationPatient);
        return [(o[1] * o[5]) - (o[2] * o[4]), (o[2] * o[3]) - (o[0] * o[5]), (o[0] * o[4]) - (o[1] * o[3])];
    }

    static double[] Numbers(string values) => [.. values.Split('\\').Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
}
