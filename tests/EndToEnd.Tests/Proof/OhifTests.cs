using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SoftSeg.Dicom;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Results;
using SoftSeg.EndToEnd.Tests.Sources;
using SoftSeg.SegEngine;
using Xunit.Abstractions;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>OHIF in Chromium, over Orthanc's DICOMweb: what a person sees. Pictures of it are kept in <c>TestResults/ohif</c>.</summary>
[Collection(ProofMatrix.Collection)]
public sealed partial class OhifTests(ProofMatrix matrix, ITestOutputHelper output)
{
    /// <summary>A BINARY segmentation on a real series, and the form of 0 and 255 on one of odd size.</summary>
    static readonly string[] short_ = [SourceLibrary.AxialLabelled, "oblique 51x51"];

    [Fact]
    public Task A_series_opens_with_its_mask_in_place_and_its_areas_listed() => AssertShown(short_);

    [Fact, Trait("Category", "Long")]
    public Task Every_other_series_opens_with_its_mask_in_place_and_its_areas_listed() => AssertShown([.. ProofMatrix.Names.Except(short_)]);

    /// <summary>The comparison can fail: OHIF shows what is broken on purpose elsewhere, or not at all.</summary>
    [Theory, Trait("Category", "Long")]
    [InlineData(Break.FrameShifted)]
    [InlineData(Break.RowFlipped)]
    [InlineData(Break.NoReferencedSeries)]
    public async Task A_broken_segmentation_is_told_from_the_mask(string fault)
    {
        var written = matrix["axial 64x64"];
        var broken = Path.Combine(matrix.Folder($"broken for OHIF {fault}"), "broken.dcm");
        Break.Copy(written.Path(ProofCase.HardAsBytes), broken, fault);

        var shown = Assert.Single(await Look([(written, broken, null)], tries: 1));

        output.WriteLine(string.Join(Environment.NewLine, shown.Errors));
        Assert.ThrowsAny<Exception>(() => AssertMaskInPlace(written, broken, shown));
    }

    async Task AssertShown(string[] names)
    {
        var cases = names.Select(name => matrix[name]).ToArray();
        var shown = await Look([.. cases.Select(written => (written, written.Path(ProofCase.Hard), written.Path(ProofCase.Report3D)))]);

        foreach (var (written, view) in cases.Zip(shown))
        {
            Assert.True(view.Errors.Count == 0, $"{written.Name}: {string.Join(Environment.NewLine, view.Errors)}");
            Assert.Equal(written.Truth.Slices, view.Images);
            AssertMaskInPlace(written, written.Path(ProofCase.Hard), view);
            AssertAreasListed(written, view);
        }
    }

    static void AssertMaskInPlace(ProofCase written, string file, View view) =>
        Differences.AssertNone(written.Expected(file), new Reading(file, null, view.Frames).On(written.Truth), $"OHIF, {written.Name}");

    /// <summary>Each measurement group has its contour on an image, and the areas are those of the report.</summary>
    static void AssertAreasListed(ProofCase written, View view)
    {
        Assert.All(view.Measurements, group => Assert.True(group.Loaded, $"{written.Name}: {group.Tracking} is not drawn"));
        var listed = view.Measurements.SelectMany(group => group.Values).Select(value => Area().Match(value)).Where(match => match.Success)
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        var measured = CordMorphometry.Measure(written.Truth);
        double[] expected = [measured.Whole.MeanArea, .. measured.StationsAreSlices ? measured.Stations.Where(station => station.Valid).Select(station => station.Area) : []];
        Assert.All(expected, area => Assert.Contains(listed, value => Math.Abs(value - area) < 0.011));
        Assert.Matches(@"Area: \d+\.\d\d mm2", view.Shown);
    }

    async Task<IReadOnlyList<View>> Look(IReadOnlyList<(ProofCase Written, string Segmentation, string? Report)> views, int tries = 6)
    {
        await using var orthanc = new OrthancPeer("ORTHANC");
        await orthanc.StartAsync();
        var studies = new List<object>();
        foreach (var (written, segmentation, report) in views)
        {
            string[] files = [.. written.SourceFiles, segmentation, .. report is null ? Array.Empty<string>() : [report]];
            (await Dcmtk.Send(orthanc.Port, orthanc.AeTitle, "STORESCU", files, "-R")).Succeeded();
            studies.Add(new
            {
                written.Name,
                Study = written.Context.Frames[0].Instance.GetString(DicomTag.StudyInstanceUID),
                Images = written.Truth.Slices,
                Segmentation = (await ReceivedObject.ReadAsync(segmentation)).SeriesUid,
                Report = report is null ? null : (await ReceivedObject.ReadAsync(report)).SeriesUid,
                Screenshots = Path.Combine(Artefacts(), written.Name.Replace(' ', '-')),
                Tries = tries,
            });
        }

        var folder = matrix.Folder($"ohif {Guid.NewGuid():N}");
        var (list, answer) = (Path.Combine(folder, "studies.json"), Path.Combine(folder, "views.json"));
        await File.WriteAllTextAsync(list, JsonSerializer.Serialize(studies, JsonSerializerOptions.Web));
        (await Viewers.Run("ohif.mjs", [answer, orthanc.Address.ToString(), list], TimeSpan.FromMinutes(20))).Succeeded();
        return JsonSerializer.Deserialize<View[]>(await File.ReadAllTextAsync(answer), JsonSerializerOptions.Web)!;
    }

    static string Artefacts() => Directory.CreateDirectory(Path.GetFullPath(Path.Combine(Viewers.Folder, "..", "..", "..", "TestResults", "ohif"))).FullName;

    [GeneratedRegex(@"^Area: ([0-9.]+) mm2$")]
    private static partial Regex Area();

    /// <param name="Errors">Errors of the console, of the page and of requests.</param>
    /// <param name="Images">Source images that were loaded.</param>
    /// <param name="Frames">The label map, where the browser draws it.</param>
    /// <param name="Shown">The text on the page.</param>
    sealed record View(string Name, IReadOnlyList<string> Errors, int Images, IReadOnlyList<ReadFrame> Frames, IReadOnlyList<ListedGroup> Measurements, string Shown);

    sealed record ListedGroup(string Tracking, bool Loaded, IReadOnlyList<string> Values);
}
