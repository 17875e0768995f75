using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

public sealed class SeriesReaderTests
{
    static readonly GeneratedSeries series = new();

    public static TheoryData<string> Orders => ["as acquired", "reversed", "shuffled", "by InstanceNumber"];

    static IEnumerable<DicomDataset> InOrder(List<DicomDataset> instances, string order) => order switch
    {
        "reversed" => Enumerable.Reverse(instances),
        "shuffled" => instances.OrderBy(i => i.GetString(DicomTag.SOPInstanceUID)[^3..], StringComparer.Ordinal),
        "by InstanceNumber" => instances.OrderBy(i => i.GetInt32(DicomTag.InstanceNumber)),
        _ => instances,
    };

    [Theory, MemberData(nameof(Orders))]
    public void Slices_are_sorted_along_the_normal_in_any_arrival_order(string order) =>
        Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(InOrder(series.All(), order))));

    [Theory, MemberData(nameof(Orders))]
    public void An_oblique_series_keeps_its_place(string order)
    {
        var oblique = GeneratedSeries.Oblique();
        Check.IsSeries(oblique, Check.OnlyStack(SeriesReader.Read(InOrder(oblique.All(), order))));
    }

    [Fact]
    public void Every_slice_remembers_its_instance()
    {
        var instances = series.All();
        var stack = Check.OnlyStack(SeriesReader.Read(InOrder(instances, "shuffled")));
        Assert.Equal(instances.Select(i => i.GetString(DicomTag.SOPInstanceUID)), stack.Frames.Select(f => f.SopInstanceUid));
        Assert.All(stack.Frames, f => Assert.Null(f.FrameNumber));
    }

    [Fact]
    public void Files_read_as_data_sets_do_whatever_their_names()
    {
        var folder = GeneratedSeries.Save(series.All());
        try
        {
            Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(Directory.GetFiles(folder))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Spacing_comes_from_the_positions_and_not_from_what_the_header_says()
    {
        var reading = SeriesReader.Read(series.All((d, _) => d.AddOrUpdate(DicomTag.SpacingBetweenSlices, "-4")));
        Check.IsSeries(series, Check.OnlyStack(reading));
        Assert.Contains(reading.Notes, n => n.Contains("SpacingBetweenSlices says -4 mm"));
    }

    [Fact]
    public void The_first_pixel_spacing_is_between_rows()
    {
        var spacing = Check.OnlyStack(SeriesReader.Read(series.All())).Volume.Affine.Spacing;
        Assert.Equal(0.75, spacing.Row, 1e-9);
        Assert.Equal(0.5, spacing.Column, 1e-9);
    }

    [Fact]
    public void Copies_of_an_instance_are_left_out_with_a_note()
    {
        var reading = SeriesReader.Read([.. series.All(), series.Slice(2), series.Slice(2), series.Slice(4)]);
        Check.IsSeries(series, Check.OnlyStack(reading));
        Assert.Contains(reading.Notes, n => n.StartsWith("3 instances were copies", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_contents_under_one_UID_are_refused()
    {
        var other = series.Slice(2, (d, _) => d.AddOrUpdate(DicomTag.PixelData, new byte[series.Rows * series.Columns * 2]));
        var reading = SeriesReader.Read([.. series.All(), other]);
        Assert.Empty(reading.Stacks);
        Assert.Contains("the same SOPInstanceUID", Assert.Single(reading.Refusals).Reason);
    }

    [Fact]
    public void Two_places_under_one_UID_are_refused()
    {
        var other = series.Slice(2, (d, _) => d.AddOrUpdate(DicomTag.ImagePositionPatient, "1", "2", "3"));
        Assert.Contains(SeriesReader.Read([.. series.All(), other]).Refusals, r => r.Reason.Contains("differ in place or acquisition"));
    }

    [Fact]
    public void One_image_takes_its_thickness_as_spacing()
    {
        var reading = SeriesReader.Read([series.Slice(0)]);
        var volume = Check.OnlyStack(reading).Volume;
        Assert.Equal(1, volume.Slices);
        Check.Near(series.Normal * 3, volume.Affine.SliceStep);
        Assert.Contains(reading.Notes, n => n.Contains("SliceThickness is taken"));
    }

    [Fact]
    public void Rescale_is_taken_from_each_frame()
    {
        var instances = series.All((d, i) => d.AddOrUpdate(DicomTag.RescaleSlope, i == 3 ? "2" : "0.5").AddOrUpdate(DicomTag.RescaleIntercept, "-7"));
        var volume = Check.OnlyStack(SeriesReader.Read(instances)).Volume;
        Assert.Equal((GeneratedSeries.Stored(2, 3, 1) * 0.5f) - 7, volume[2, 3, 1], 1e-3f);
        Assert.Equal((GeneratedSeries.Stored(3, 3, 1) * 2f) - 7, volume[3, 3, 1], 1e-3f);
    }

    [Fact]
    public void Monochrome1_is_noted_and_keeps_its_values()
    {
        var reading = SeriesReader.Read(series.All((d, _) => d.AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME1")));
        Check.IsSeries(series, Check.OnlyStack(reading));
        Assert.Contains(reading.Notes, n => n.Contains("MONOCHROME1"));
    }

    [Fact]
    public void Rounded_decimal_strings_are_no_fault()
    {
        var oblique = GeneratedSeries.Oblique() with { Slices = 40 };
        var instances = oblique.All((d, i) => d
            .AddOrUpdate(DicomTag.ImagePositionPatient, Rounded(d.GetDoubles(DicomTag.ImagePositionPatient), 2))
            .AddOrUpdate(DicomTag.ImageOrientationPatient, Rounded(d.GetDoubles(DicomTag.ImageOrientationPatient), 4)));
        Check.Near(oblique.Affine, Check.OnlyStack(SeriesReader.Read(instances)).Volume.Affine, 0.01);

        static string[] Rounded(double[] values, int decimals) => [.. values.Select(v => GeneratedSeries.Text(Math.Round(v, decimals)))];
    }

    [Fact]
    public void No_images_are_no_crash()
    {
        var reading = SeriesReader.Read(Array.Empty<DicomDataset>());
        Assert.Empty(reading.Stacks);
        Assert.Contains("no images", Assert.Throws<SeriesRefusedException>(() => reading.OrRefuse()).Message);
    }

    [Fact]
    public void A_localizer_comes_after_the_stack_and_says_what_it_is()
    {
        var localizer = new GeneratedSeries { Slices = 1, Seed = "localizer", RowDirection = new(1, 0, 0), ColumnDirection = new(0, 0, -1) };
        var reading = SeriesReader.Read([localizer.Slice(0, (d, _) => d.AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "LOCALIZER")), .. series.All()]);
        Assert.Equal([false, true], reading.Stacks.Select(s => s.IsLocalizer));
        Check.IsSeries(series, reading.Stacks[0]);
    }

    [Fact]
    public void Too_many_voxels_are_refused_before_memory_is_taken()
    {
        var reading = SeriesReader.Read(series.All(), new SeriesReaderOptions { MaxVoxels = 100 });
        Assert.Empty(reading.Stacks);
        Assert.Contains("120 voxels are too many", Assert.Single(reading.Refusals).Reason);
    }
}
