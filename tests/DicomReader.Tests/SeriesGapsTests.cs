namespace SoftSeg.DicomReader.Tests;

public sealed class SeriesGapsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-gaps-").FullName;
    readonly GeneratedSeries series = GeneratedSeries.Oblique() with { Slices = 10, SliceSpacing = 3 };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_whole_series_has_none() => Assert.Empty(SeriesGaps.Find(Write(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)));

    [Fact]
    public void Slices_that_did_not_come_between_others_are_counted_in_any_order_of_the_files()
    {
        var found = Assert.Single(SeriesGaps.Find(Write(9, 0, 1, 5, 6, 2, 8)));
        Assert.StartsWith("3 slices along the normal, between ", found, StringComparison.Ordinal);
        Assert.Equal([found], SeriesGaps.Find(Write(0, 1, 2, 5, 6, 8, 9)));
    }

    [Fact]
    public void What_is_missing_at_an_end_shows_in_no_header() => Assert.Empty(SeriesGaps.Find(Write(3, 4, 5, 6)));

    [Fact]
    public void Positions_with_fewer_images_than_the_others_are_counted()
    {
        string[] files = [.. Write(0, 1, 2, 3, 4), .. Write(5, 6)];
        string[] again = [.. new[] { 0, 1, 2 }.Select(slice => Save(slice, "again"))];
        Assert.Contains("images at", Assert.Single(SeriesGaps.Find([.. files, .. again])), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_images_are_passed_over()
    {
        var text = Path.Combine(folder, "notes.txt");
        File.WriteAllText(text, "no DICOM");
        Assert.Empty(SeriesGaps.Find([text]));
        Assert.Empty(SeriesGaps.Find([]));
    }

    string[] Write(params int[] slices) => [.. slices.Select(slice => Save(slice, "1"))];

    string Save(int slice, string seed)
    {
        var path = Path.Combine(folder, $"{seed}-{slice}.dcm");
        new Dicom.DicomFile((series with { Seed = seed }).Slice(slice), Dicom.DicomTransferSyntax.ExplicitVRLittleEndian).Save(path);
        return path;
    }
}
