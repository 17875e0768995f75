using SoftSeg.EndToEnd.Tests.Fixtures;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests;

/// <summary>storescu sends a sagittal T2w series; what storescp, configured as its origin, gets for it.</summary>
[Collection(SharedNode.Collection)]
public sealed class ResultsReachTheOriginTests(SharedNode shared, ITestOutputHelper output)
{
    SourceSeries Source => shared.Sources[SourceLibrary.Sagittal];

    [Fact]
    public async Task A_binary_segmentation_a_soft_one_and_a_report_come_back_to_the_sender()
    {
        var results = await shared.ResultsOf(Source);

        Assert.Equal(3, results.Objects.Count);
        Assert.Equal("BINARY", results.Visible.Type);
        Assert.Equal("FRACTIONAL", results.Soft.Type);
        Assert.Equal("OCCUPANCY", results.Soft.Object.Value("0062,0010"));
        Assert.Equal("COMPLETE", results.Report.Value("0040,a491"));
        foreach (var received in results.Objects)
            output.WriteLine($"{received.Value("0008,0060")} {received.Value("0008,103e")}: {new FileInfo(received.Path).Length} bytes");
    }

    [Fact]
    public async Task Dciodvfy_finds_no_error_in_any_of_them()
    {
        foreach (var received in (await shared.ResultsOf(Source)).Objects)
            Assert.Empty(await Dciodvfy.Errors(received.Path));
    }

    [Fact]
    public async Task Dcentvfy_finds_no_contradiction_between_them_and_the_source()
    {
        var results = await shared.ResultsOf(Source);

        Assert.Empty(await Dciodvfy.ErrorsBetween([.. Source.Files, .. results.Objects.Select(o => o.Path)]));
    }

    [Fact]
    public async Task Dsrdump_reads_the_report_without_a_complaint()
    {
        var dump = (await ExternalProgram.Dsrdump.RunAsync([(await shared.ResultsOf(Source)).Report.Path])).Succeeded();

        // DCMTK 3.6.7 says of every text in UTF-8 that its checker does not know that character set.
        Assert.DoesNotContain(dump.Error.Split('\n'), line => line.Length > 0 && !line.Contains("VR checker does not support", StringComparison.Ordinal));
        Assert.Contains("Imaging Measurement", dump.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_are_of_the_patient_and_study_of_the_source_in_three_new_series()
    {
        var results = await shared.ResultsOf(Source);
        var source = await ReceivedObject.ReadAsync(Source.Slices[0].File);

        foreach (var received in results.Objects)
        {
            // Patient, study and accession: PS3.3 C.7.1.1 and C.7.2.1.
            foreach (var tag in (ReadOnlySpan<string>)["0010,0010", "0010,0020", "0010,0030", "0010,0040", "0020,000d", "0008,0050", "0008,0020", "0008,0030"])
                Assert.Equal(source.Value(tag), received.Value(tag));
            Assert.NotEqual(Source.SeriesUid, received.SeriesUid);
        }
        Assert.Equal(3, results.Objects.Select(o => o.SeriesUid).Distinct().Count());
    }

    [Fact]
    public async Task Every_frame_lies_where_its_source_instance_lies_in_the_same_strings()
    {
        var results = await shared.ResultsOf(Source);

        foreach (var segmentation in (ReceivedSegmentation[])[results.Visible, results.Soft])
        {
            SourceGrid.AssertFramesLieOn(Source, segmentation);
            Assert.Equal(segmentation.Frames.Count, segmentation.Frames.Select(f => f.SourceInstanceUid).Distinct().Count());
        }
    }

    [Fact]
    public async Task Both_segmentations_track_the_same_cord()
    {
        var results = await shared.ResultsOf(Source);

        Assert.NotEmpty(results.Visible.TrackingUid);
        Assert.Equal(results.Visible.TrackingUid, results.Soft.TrackingUid);
    }

    [Fact]
    public async Task The_binary_one_is_the_soft_one_at_one_half()
    {
        var results = await shared.ResultsOf(Source);
        var (binary, soft) = (results.Visible.OnGridOf(Source), results.Soft.OnGridOf(Source));

        Assert.Contains(1f, binary);
        // A share is rounded to 1/255 when it is stored.
        for (var n = 0; n < binary.Length; n++)
            Assert.True(binary[n] == 1 ? soft[n] > 0.498f : soft[n] < 0.502f, $"voxel {n}: binary {binary[n]}, share {soft[n]}");
    }

    [Fact]
    public async Task The_report_names_the_image_series_first_in_its_evidence()
    {
        var report = (await shared.ResultsOf(Source)).Report;

        Assert.Equal(Source.SeriesUid, report.ReferencedSeries()[0]);
        Assert.Contains("126000", report.ValuesAnywhere("0008,0100")); // DCM, Imaging Measurement Report
        Assert.Contains("42798000", report.ValuesAnywhere("0008,0100")); // SCT, Area
    }

    [Fact]
    public async Task The_same_series_sent_twice_brings_no_second_set_of_results()
    {
        var results = await shared.ResultsOf(Source);
        var before = shared.Node.Log.Count;

        (await shared.Node.Send(shared.Pacs.AeTitle, Source.Files)).Succeeded();
        // Another series, sent afterwards, is through when the repetition must be, too.
        await shared.ResultsOf(shared.Sources.NewPhantom("after a repetition"));

        var now = new ResultSet(await shared.Pacs.ResultsOf(Source.SeriesUid));
        Assert.Equal(results.SopInstanceUids, now.SopInstanceUids);
        Assert.DoesNotContain(shared.Node.Log.Skip(before), line => line.Contains($"Series {Source.SeriesUid} segmented", StringComparison.Ordinal));
    }
}
