using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

/// <summary>The same input gives the same bytes; a UID never stands for two byte strings.</summary>
public sealed class DeterminismTests
{
    static ResultContext Context() => Source.Classic(Phantom.Tube(5, 64, 64, Phantom.Axial()));

    static byte[] Bytes(DicomFile file)
    {
        using var stream = new MemoryStream();
        file.Save(stream);
        return stream.ToArray();
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        Assert.Equal(Bytes(SegmentationBuilder.BuildHard(Context())), Bytes(SegmentationBuilder.BuildHard(Context())));
        Assert.Equal(Bytes(SegmentationBuilder.BuildSoft(Context())), Bytes(SegmentationBuilder.BuildSoft(Context())));
    }

    public static TheoryData<string> Changes => ["model", "setting", "software", "voxel", "patient", "source", "words"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_changes_the_input_changes_the_uids(string what)
    {
        var context = Context();
        var changed = what switch
        {
            "model" => context with { Algorithm = context.Algorithm with { ModelSha256 = "00" } },
            "setting" => context with { Settings = [KeyValuePair.Create("threshold", "0.4")] },
            "software" => context with { Algorithm = context.Algorithm with { SoftwareVersion = "0.1.1" } },
            "words" => context with { NotForClinicalUse = false },
            "patient" => Source.Classic(context.Mask, change: d => d.AddOrUpdate(DicomTag.PatientName, "Other")),
            "source" => Source.Classic(context.Mask, change: d => d.AddOrUpdate(DicomTag.SOPInstanceUID, d.GetString(DicomTag.SOPInstanceUID) + ".1")),
            _ => context with { SoftMask = context.Mask.With([.. context.Mask.Voxels.Select((v, i) => i == 31 ? 1 - v : v)]) },
        };
        var (before, after) = (SegmentationBuilder.BuildHard(context).Dataset, SegmentationBuilder.BuildHard(changed).Dataset);
        Assert.NotEqual(before.GetString(DicomTag.SOPInstanceUID), after.GetString(DicomTag.SOPInstanceUID));
        Assert.NotEqual(before.GetString(DicomTag.SeriesInstanceUID), after.GetString(DicomTag.SeriesInstanceUID));
        Assert.Equal(before.GetString(DicomTag.StudyInstanceUID), after.GetString(DicomTag.StudyInstanceUID));
    }

    [Fact]
    public void All_uids_are_valid()
    {
        var seg = SegmentationBuilder.BuildHard(Context()).Dataset;
        Assert.All(new[] { DicomTag.SOPInstanceUID, DicomTag.SeriesInstanceUID }, tag => Assert.True(DicomUID.IsValid(seg.GetString(tag))));
    }
}
