using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>A series that holds several stacks is told apart, and the notes say by what.</summary>
public sealed class SplitTests
{
    static readonly GeneratedSeries series = new();

    static readonly Dictionary<string, (Action<DicomDataset, int> First, Action<DicomDataset, int> Second, string Note)> differences = new()
    {
        ["echo time"] = (Set(DicomTag.EchoTime, "10"), Set(DicomTag.EchoTime, "20.5"), "Split by EchoTime: 10, 20.5."),
        ["echo number"] = (Set(DicomTag.EchoNumbers, "1"), Set(DicomTag.EchoNumbers, "2"), "Split by EchoNumbers: 1, 2."),
        ["temporal position"] = (Set(DicomTag.TemporalPositionIdentifier, "1"), Set(DicomTag.TemporalPositionIdentifier, "2"), "split by temporal position: 1, 2."),
        ["acquisition"] = (Set(DicomTag.AcquisitionNumber, "4"), Set(DicomTag.AcquisitionNumber, "5"), "split by AcquisitionNumber: 4, 5."),
        ["InstanceNumber alone"] = ((_, _) => { }, (d, _) => d.AddOrUpdate(DicomTag.InstanceNumber, d.GetInt32(DicomTag.InstanceNumber) + 100), "split by their order of InstanceNumber."),
        ["b-value"] = (Set(DicomTag.DiffusionBValue, "0"), Set(DicomTag.DiffusionBValue, "800"), "Split by diffusion b-value: 0, 800."),
        ["direction"] = (
            (d, _) => d.AddOrUpdate(DicomTag.DiffusionBValue, "800").AddOrUpdate(DicomTag.DiffusionGradientOrientation, 0.0, 0.0, 1.0),
            (d, _) => d.AddOrUpdate(DicomTag.DiffusionBValue, "800").AddOrUpdate(DicomTag.DiffusionGradientOrientation, 0.6, 0.8, 0.0),
            "Split by diffusion direction: 0,0,1, 0.6,0.8,0."),
        ["Siemens b-value"] = (Siemens("0"), Siemens("600"), "Split by diffusion b-value: 0, 600."),
        ["GE b-value"] = (Ge("0"), Ge("1000000700"), "Split by diffusion b-value: 0, 700."),
        ["Philips b-value"] = (Philips(0), Philips(500), "Split by diffusion b-value: 0, 500."),
        ["magnitude and phase"] = (ImageType("ORIGINAL", "PRIMARY", "M", "ND"), ImageType("ORIGINAL", "PRIMARY", "P", "ND"), "Split by complex image component: magnitude, phase."),
        ["Philips real part"] = (ImageType("ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE"), ImageType("ORIGINAL", "PRIMARY", "R_FFE", "R", "FFE"), "Split by complex image component: magnitude, real."),
        ["derived"] = (ImageType("ORIGINAL", "PRIMARY", "M"), ImageType("DERIVED", "SECONDARY", "M", "SUB"), "Split by ImageType, value 1: DERIVED, ORIGINAL."),
        ["water and fat"] = (ImageType("ORIGINAL", "PRIMARY", "M", "ND", "WATER"), ImageType("ORIGINAL", "PRIMARY", "M", "ND", "FAT"), "6 positions have up to 2 images each: split by ImageType: "),
        ["inversion time"] = (Set(DicomTag.InversionTime, "100"), Set(DicomTag.InversionTime, "900"), "split by InversionTime: 100, 900."),
        ["frame of reference"] = (Set(DicomTag.FrameOfReferenceUID, "1.2"), Set(DicomTag.FrameOfReferenceUID, "1.3"), "Split by FrameOfReferenceUID: 1.2, 1.3."),
        ["station"] = ((_, _) => { }, (d, i) => d.AddOrUpdate(DicomTag.ImagePositionPatient,
            GeneratedSeries.Texts(series.Origin + (series.Normal * (series.SliceSpacing * i)) + new Vector3(0, 0, -250))), "Split by position in the plane (stations)"),
    };

    public static TheoryData<string> Differences => [.. differences.Keys];

    [Theory, MemberData(nameof(Differences))]
    public void Two_stacks_at_the_same_positions_are_told_apart(string by)
    {
        var (first, second, note) = differences[by];
        var instances = series.All(first).Concat((series with { Seed = "2" }).All(second)).OrderBy(d => d.GetString(DicomTag.SOPInstanceUID), StringComparer.Ordinal);
        var reading = SeriesReader.Read(instances);
        Assert.Empty(reading.Refusals);
        Assert.Equal(2, reading.Stacks.Count);
        Check.IsSeries(series, reading.Stacks.Single(s => s.Frames[0].SopInstanceUid == DicomUID.Derive("1", "0").Value));
        Assert.All(reading.Stacks, s => Assert.Equal(6, s.Frames.Select(f => f.SopInstanceUid).Distinct().Count()));
        Assert.Contains(reading.Notes, n => n.Contains(note));
        Assert.Equal(2, reading.Stacks.Select(s => s.Description).Distinct().Count());
    }

    [Fact]
    public void A_stack_knows_its_echo_weighting_and_component()
    {
        var reading = SeriesReader.Read(series.All((d, _) => d
            .AddOrUpdate(DicomTag.EchoTime, "62.5").AddOrUpdate(DicomTag.EchoNumbers, "2").AddOrUpdate(DicomTag.DiffusionBValue, "900").AddOrUpdate(DicomTag.ImageType, "DERIVED", "PRIMARY", "P")));
        var stack = Check.OnlyStack(reading);
        Assert.Equal((62.5, 2, 900.0), (stack.EchoTime, stack.EchoNumber, stack.BValue));
        Assert.Equal(ComplexComponent.Phase, stack.Component);
        Assert.True(stack.IsDerived);
        Assert.Null(stack.Repetition);
    }

    [Fact]
    public void Repetitions_are_counted()
    {
        var reading = SeriesReader.Read(Enumerable.Range(1, 4).SelectMany(t => (series with { Seed = $"{t}" }).All(Set(DicomTag.TemporalPositionIdentifier, $"{t}"))));
        Assert.Equal([1, 2, 3, 4], reading.Stacks.Select(s => s.Repetition!.Value));
    }

    [Fact]
    public void Water_and_fat_are_other_images_and_no_repetition() =>
        Assert.All(SeriesReader.Read(series.All(ImageType("ORIGINAL", "PRIMARY", "M", "WATER")).Concat((series with { Seed = "2" }).All(ImageType("ORIGINAL", "PRIMARY", "M", "FAT")))).Stacks,
            s => Assert.Null(s.Repetition));

    [Fact]
    public void Three_inversion_times_of_two_repetitions_are_six_stacks()
    {
        var instances = new List<DicomDataset>();
        foreach (var (time, inversion) in ((int, int)[])[(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)])
        {
            instances.AddRange((series with { Seed = $"{time} {inversion}" })
                .All((d, _) => d.AddOrUpdate(DicomTag.TemporalPositionIdentifier, time).AddOrUpdate(DicomTag.InversionTime, inversion * 100)));
        }
        var reading = SeriesReader.Read(instances);
        Assert.Empty(reading.Refusals);
        Assert.Equal([1, 2, 1, 2, 1, 2], reading.Stacks.Select(s => s.Repetition!.Value));
        Assert.Equal(["100", "100", "200", "200", "300", "300"], reading.Stacks.Select(s => s.Frames[0].Instance.GetString(DicomTag.InversionTime)));
    }

    [Fact]
    public void An_image_type_that_differs_along_the_stack_does_not_tear_it_apart() =>
        Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(series.All((d, i) => d.AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", i == 0 ? "FIRST" : "ND")))));

    [Fact]
    public void An_aborted_repetition_is_a_stack_of_its_own()
    {
        var reading = SeriesReader.Read(Enumerable.Range(1, 3).SelectMany(t => (series with { Seed = $"{t}" }).All(Set(DicomTag.TemporalPositionIdentifier, $"{t}")).Take(t == 3 ? 4 : 6)));
        Assert.Equal([6, 6, 4], reading.Stacks.Select(s => s.Volume.Slices));
    }

    [Fact]
    public void An_acquisition_number_that_counts_slices_does_not_tear_the_stack_apart() =>
        Check.IsSeries(series, Check.OnlyStack(SeriesReader.Read(series.All((d, i) => d.AddOrUpdate(DicomTag.AcquisitionNumber, i)))));

    [Fact]
    public void Three_planes_are_three_stacks()
    {
        var axial = new GeneratedSeries { RowDirection = new(1, 0, 0), ColumnDirection = new(0, 1, 0), Seed = "axial", Slices = 3 };
        var coronal = new GeneratedSeries { RowDirection = new(1, 0, 0), ColumnDirection = new(0, 0, -1), Seed = "coronal", Slices = 2 };
        var reading = SeriesReader.Read([.. coronal.All(), .. axial.All(), .. series.All()]);
        Assert.Equal(3, reading.Stacks.Count);
        Check.IsSeries(series, reading.Stacks[0]);
        Check.IsSeries(axial, reading.Stacks[1]);
        Check.IsSeries(coronal, reading.Stacks[2]);
        Assert.Contains("Split by ImageOrientationPatient: sagittal (6), axial (3), coronal (2).", reading.Notes);
    }

    [Fact]
    public void Another_matrix_or_spacing_is_another_stack()
    {
        var large = series with { Rows = 8, Seed = "large" };
        var fine = series with { ColumnSpacing = 0.25, Seed = "fine" };
        var reading = SeriesReader.Read([.. large.All(), .. fine.All(), .. series.All()]);
        Assert.Equal(3, reading.Stacks.Count);
        Check.IsSeries(large, reading.Stacks.Single(s => s.Volume.Rows == 8));
        Check.IsSeries(fine, reading.Stacks.Single(s => s.Volume.Affine.Spacing.Column < 0.3));
        Assert.Contains("Split by Rows x Columns: 5 x 4, 8 x 4.", reading.Notes);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_order_of_arrival()
    {
        var instances = differences["echo time"] is var (a, b, _) ? series.All(a).Concat((series with { Seed = "2" }).All(b)).ToArray() : [];
        var expected = SeriesReader.Read(instances);
        var random = new Random(7);
        for (var i = 0; i < 5; i++)
        {
            random.Shuffle(instances);
            var reading = SeriesReader.Read(instances);
            Assert.Equal(expected.Notes, reading.Notes);
            Assert.Equal(expected.Stacks.Select(s => s.Description), reading.Stacks.Select(s => s.Description));
            Assert.Equal(expected.Stacks.SelectMany(s => s.Volume.Voxels), reading.Stacks.SelectMany(s => s.Volume.Voxels));
        }
    }

    static Action<DicomDataset, int> Set(DicomTag tag, string value) => (d, _) => d.AddOrUpdate(tag, value);

    static Action<DicomDataset, int> ImageType(params string[] values) => (d, _) => d.AddOrUpdate(DicomTag.ImageType, values);

    static Action<DicomDataset, int> Siemens(string b) => (d, _) => d.AddOrUpdate(DicomVR.IS, d.ReservePrivateTag("SIEMENS MR HEADER", 0x0019, 0x0C), b);

    static Action<DicomDataset, int> Ge(string b) => (d, _) => d.AddOrUpdate(DicomVR.IS, d.ReservePrivateTag("GEMS_PARM_01", 0x0043, 0x39), b, "8", "0", "0");

    static Action<DicomDataset, int> Philips(float b) => (d, _) => d.AddOrUpdate(DicomVR.FL, d.ReservePrivateTag("Philips Imaging DD 001", 0x2001, 0x03), b);
}
