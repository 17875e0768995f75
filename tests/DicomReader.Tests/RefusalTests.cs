using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader.Tests;

/// <summary>What is no volume is refused with one message that has the numbers; nothing is thrown. Runs when nothing else does: it counts what the process allocates.</summary>
[CollectionDefinition(nameof(RefusalTests), DisableParallelization = true)]
[Collection(nameof(RefusalTests))]
public sealed class RefusalTests
{
    static readonly GeneratedSeries series = new();

    static readonly Dictionary<string, (Func<IEnumerable<DicomDataset>> Input, string[] Expected)> cases = new()
    {
        ["a missing slice"] = (
            () => series.All().Where((_, i) => i != 3),
            ["1 slice is missing", "1 between 46.6 and 53.2 mm", "5 slices came, 3.3 mm apart"]),
        ["two gaps"] = (
            () => (series with { Slices = 12 }).All().Where((_, i) => i is not (3 or 7 or 8)),
            ["3 slices are missing", "1 between", "2 between"]),
        ["an uneven spacing"] = (
            () => series.All((d, i) => Move(d, i == 2 ? series.Normal * 0.4 : Vector3.Zero)),
            ["unevenly spaced: from 2.9 to 3.7 mm", "Slice 3 of 6", "0.4 mm from its place", "0.099 mm is tolerated"]),
        ["a growing spacing"] = (
            () => series.All((d, i) => Move(d, series.Normal * (0.05 * i * i))),
            ["unevenly spaced"]),
        ["a shear"] = (
            () => series.All((d, i) => Move(d, series.ColumnDirection * (0.3 * i))),
            ["sheared", "slice 2 of 6", "0.3 mm aside", "0.05 mm is tolerated"]),
        ["a steep shear"] = (
            () => series.All((d, i) => Move(d, series.ColumnDirection * (2.5 * i))),
            ["sheared"]),
        ["a slice that jumped sideways"] = (
            () => (series with { Slices = 30 }).All((d, i) => Move(d, series.RowDirection * (i == 25 ? 0.3 : 0))),
            ["Slice 26 of 30 lies 0.3 mm aside"]),
        ["a wavering orientation"] = (
            () => series.All((d, i) => d.AddOrUpdate(DicomTag.ImageOrientationPatient, Turned(i * 0.5))),
            ["ImageOrientationPatient differs by", "6 orientations in 6 images"]),
        ["CT"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.Modality, "CT").AddOrUpdate(DicomTag.SOPClassUID, DicomUID.CTImageStorage)),
            ["Modality is CT; MR is expected"]),
        ["a segmentation"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.Modality, "SEG").AddOrUpdate(DicomTag.SOPClassUID, DicomUID.SegmentationStorage)),
            ["Modality is SEG; MR is expected"]),
        ["a secondary capture that calls itself MR"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.SecondaryCaptureImageStorage)),
            ["SOPClassUID is Secondary Capture Image Storage"]),
        ["a mosaic"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC")),
            ["Siemens mosaic", "the number of its slices (0019,xx0A) is missing", "switch Mosaic off"]),
        ["a mosaic whose size does not fit its tiles"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomVR.US, d.ReservePrivateTag("SIEMENS MR HEADER", 0x0019, 0x0A), "35")),
            ["Siemens mosaic", "5 x 4 pixels are no 6 x 6 tiles"]),
        ["repeated positions that nothing tells apart"] = (
            () => series.All().Concat((series with { Seed = "2" }).All().Take(2)),
            ["2 of 6 positions have more than one image", "nor InstanceNumber tells them apart"]),
        ["repeated positions numbered with words"] = (
            () => series.All().Concat((series with { Seed = "2" }).All()).Select(d => d.AddOrUpdate(new DicomElement(DicomTag.InstanceNumber, DicomVR.IS, "first "u8.ToArray()))),
            ["6 of 6 positions have more than one image"]),
        ["zero-length pixel data"] = (
            () => series.All((d, i) => d.AddOrUpdate(DicomTag.PixelData, i == 1 ? [] : d.GetBytes(DicomTag.PixelData).ToArray())),
            ["PixelData (7FE0,0010) has 0 bytes; 40 are expected"]),
        ["truncated pixel data"] = (
            () => series.All((d, i) => d.AddOrUpdate(DicomTag.PixelData, d.GetBytes(DicomTag.PixelData)[..(i == 5 ? 22 : 40)])),
            ["PixelData (7FE0,0010) has 22 bytes; 40 are expected: 1 frame of 5 x 4, 16 bits each"]),
        ["an enormous matrix with little data"] = (
            () => [series.Slice(0, (d, _) => d.AddOrUpdate(DicomTag.Rows, ushort.MaxValue).AddOrUpdate(DicomTag.Columns, ushort.MaxValue))],
            ["65535"]),
        ["2147483647 frames"] = (
            () => [series.Slice(0, (d, _) => d.AddOrUpdate(DicomTag.NumberOfFrames, "2147483647"))],
            ["NumberOfFrames (0028,0008) is 2147483647"]),
        ["colour"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)3)),
            ["SamplesPerPixel (0028,0002) is 3"]),
        ["32 bits"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.BitsAllocated, (ushort)32)),
            ["BitsAllocated (0028,0100) is 32; 8 or 16 is expected"]),
        ["a slope of 0"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.RescaleSlope, "0")),
            ["RescaleSlope is 0"]),
        ["directions that are no directions"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.ImageOrientationPatient, "1", "0", "0", "1", "0", "0")),
            ["ImageOrientationPatient is 1\\0\\0\\1\\0\\0", "right angle"]),
        ["words instead of numbers"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.ImagePositionPatient, "left", "0", "0")),
            ["ImagePositionPatient is 'left\\0\\0'", "3 numbers are expected"]),
        ["two numbers instead of three"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.ImagePositionPatient, "1", "0")),
            ["3 numbers are expected"]),
        ["a spacing of 0"] = (
            () => series.All((d, _) => d.AddOrUpdate(DicomTag.PixelSpacing, "0", "1")),
            ["PixelSpacing is 0\\1"]),
        ["one image without thickness"] = (
            () => [series.Slice(0, (d, _) => d.Remove(DicomTag.SliceThickness))],
            ["SliceThickness is missing"]),
    };

    public static TheoryData<string> Cases => [.. cases.Keys];

    [Theory, MemberData(nameof(Cases))]
    public void Is_refused_with_the_numbers(string what)
    {
        var (input, expected) = cases[what];
        var reading = SeriesReader.Read(input());
        Assert.Empty(reading.Stacks);
        var message = Assert.Throws<SeriesRefusedException>(() => reading.OrRefuse()).Message;
        Assert.All(expected, part => Assert.Contains(part, message));
        Assert.All(reading.Refusals, refusal => Assert.NotEmpty(refusal.SopInstanceUids));
    }

    [Theory]
    [InlineData("ImagePositionPatient")]
    [InlineData("ImageOrientationPatient")]
    [InlineData("PixelSpacing")]
    [InlineData("SOPClassUID")]
    [InlineData("SOPInstanceUID")]
    [InlineData("Modality")]
    [InlineData("Rows")]
    [InlineData("Columns")]
    [InlineData("BitsAllocated")]
    [InlineData("PixelData")]
    public void A_missing_attribute_is_named(string keyword)
    {
        var tag = DicomDictionary.LookupKeyword(keyword)!.Tag;
        var reading = SeriesReader.Read(series.All((d, _) => d.Remove(tag)));
        Assert.Empty(reading.Stacks);
        Assert.All(reading.Refusals, r => Assert.Contains(keyword, r.Reason));
        Assert.NotEmpty(reading.Refusals);
    }

    [Fact]
    public void What_is_good_is_read_beside_what_is_not()
    {
        var other = (series with { Seed = "ct" }).All((d, _) => d.AddOrUpdate(DicomTag.Modality, "CT"));
        var reading = SeriesReader.Read([.. other, .. series.All()]);
        Check.IsSeries(series, Assert.Single(reading.Stacks));
        var refusal = Assert.Single(reading.Refusals);
        Assert.Equal(6, refusal.SopInstanceUids.Count);
    }

    [Fact]
    public void A_truncated_file_spoils_its_stack_even_at_the_end()
    {
        var folder = GeneratedSeries.Save(series.All());
        try
        {
            var last = Directory.GetFiles(folder).Single(f => DicomFile.Open(f).Dataset.GetInt32(DicomTag.InstanceNumber) == 1);
            using (var stream = new FileStream(last, FileMode.Open))
                stream.SetLength(stream.Length - 10);
            var reading = SeriesReader.Read(Directory.GetFiles(folder));
            Assert.Empty(reading.Stacks);
            Assert.Contains(Path.GetFileName(last), Assert.Single(reading.Refusals).Reason);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_file_that_declares_more_pixels_than_it_has_bytes_takes_no_memory()
    {
        var huge = series.Slice(0, (d, _) => d.AddOrUpdate(DicomTag.Rows, (ushort)30000).AddOrUpdate(DicomTag.Columns, (ushort)30000));
        var folder = GeneratedSeries.Save([huge]);
        try
        {
            var before = GC.GetTotalAllocatedBytes();
            var reading = SeriesReader.Read(Directory.GetFiles(folder));
            Assert.True(GC.GetTotalAllocatedBytes() - before < 8 << 20);
            Assert.Contains("its pixel data alone takes 1800000000", Assert.Single(reading.Refusals).Reason);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Move(DicomDataset dataset, Vector3 by)
    {
        var p = dataset.GetDoubles(DicomTag.ImagePositionPatient);
        dataset.AddOrUpdate(DicomTag.ImagePositionPatient, GeneratedSeries.Texts(new Vector3(p[0], p[1], p[2]) + by));
    }

    static string[] Turned(double degrees)
    {
        var a = degrees * Math.PI / 180;
        return [.. GeneratedSeries.Texts(new(Math.Sin(a), Math.Cos(a), 0)), "0", "0", "-1"];
    }
}
