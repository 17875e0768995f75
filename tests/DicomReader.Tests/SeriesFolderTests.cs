using SoftSeg.Dicom;

namespace SoftSeg.DicomReader.Tests;

public sealed class SeriesFolderTests : IDisposable
{
    static readonly GeneratedSeries series = new();

    readonly string folder = GeneratedSeries.Save(series.All());

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_series_is_found_and_read_whatever_lies_beside_it()
    {
        File.WriteAllText(Path.Combine(folder, "README.txt"), "not DICOM");
        File.WriteAllBytes(Path.Combine(folder, "empty"), []);
        File.WriteAllBytes(Path.Combine(folder, "broken.dcm"), [.. new byte[128], .. "DICM"u8, 1, 2, 3]);
        var scan = SeriesFolder.Scan(folder);
        var found = Assert.Single(scan.Series);
        Assert.Equal(("MR", "t2_tse", 3, 6), (found.Modality, found.Description, found.SeriesNumber, found.Files.Count));
        Assert.Equal("MR series 3 t2_tse (6 files)", found.ToString());
        Assert.Contains(scan.Notes, n => n.StartsWith("2 files are not DICOM and were skipped", StringComparison.Ordinal) && n.Contains("README.txt"));
        Assert.Contains(scan.Notes, n => n.StartsWith("broken.dcm was skipped: ", StringComparison.Ordinal));
        Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(found.Files)));
    }

    [Fact]
    public void Series_are_told_apart_in_any_depth_of_folders()
    {
        var below = Directory.CreateDirectory(Path.Combine(folder, "a", "b")).FullName;
        var second = (series with { Seed = "2" }).All((d, _) => d.AddOrUpdate(DicomTag.SeriesInstanceUID, "1.2.3").AddOrUpdate(DicomTag.SeriesNumber, "1"));
        foreach (var (instance, i) in second.Select((d, i) => (d, i)))
            new DicomFile(instance).Save(Path.Combine(below, i % 2 == 0 ? $"{i}" : $"{i}.ima"));
        var scan = SeriesFolder.Scan(folder);
        Assert.Equal([1, 3], scan.Series.Select(s => s.SeriesNumber!.Value));
        Assert.All(scan.Series, s => Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(s.Files))));
        Assert.Empty(scan.Notes);
    }

    [Fact]
    public void One_file_is_a_folder_of_one() =>
        Assert.Single(Assert.Single(SeriesFolder.Scan(Directory.GetFiles(folder)[0]).Series).Files);

    [Fact]
    public void A_path_that_does_not_exist_is_refused_by_name() =>
        Assert.Contains("nowhere does not exist", Assert.Throws<SeriesRefusedException>(() => SeriesFolder.Scan(Path.Combine(folder, "nowhere"))).Message);

    [Fact]
    public void A_circle_of_links_is_not_walked()
    {
        Directory.CreateSymbolicLink(Path.Combine(folder, "circle"), folder);
        Assert.Equal(6, Assert.Single(SeriesFolder.Scan(folder).Series).Files.Count);
    }

    [Fact]
    public void A_linked_file_is_a_file()
    {
        var links = Directory.CreateTempSubdirectory("softseg-links-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(folder))
                File.CreateSymbolicLink(Path.Combine(links, Path.GetFileName(file)), file);
            Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(Assert.Single(SeriesFolder.Scan(links).Series).Files)));
        }
        finally
        {
            Directory.Delete(links, recursive: true);
        }
    }

    [Fact]
    public void A_file_that_can_not_be_read_is_refused_by_name()
    {
        var broken = Path.Combine(folder, "broken.dcm");
        File.WriteAllBytes(broken, [.. new byte[128], .. "DICM"u8, 1, 2, 3]);
        var reading = SeriesReader.Read([broken, Path.Combine(folder, "gone.dcm")]);
        Assert.Equal(["broken.dcm", "gone.dcm"], reading.Refusals.Select(r => r.Images));
    }
}
