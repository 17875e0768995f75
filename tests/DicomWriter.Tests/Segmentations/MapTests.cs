using System.Runtime.InteropServices;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Segmentations;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;

namespace SoftSeg.DicomWriter.Tests.Segmentations;

/// <summary>The forms that are off by default: label map and parametric map.</summary>
public sealed class MapTests
{
    [Theory]
    [InlineData(8, 64, 64)]
    [InlineData(5, 51, 51)]
    [InlineData(1, 24, 25)]
    public void A_parametric_map_is_conformant_and_holds_every_share(int slices, int rows, int columns)
    {
        var mask = Phantom.Tube(slices, rows, columns, Phantom.Oblique());
        var file = ParametricMapBuilder.Build(Source.Classic(mask));
        Validators.AssertConformant(file);
        Assert.Equal(mask.Voxels, MemoryMarshal.Cast<byte, float>(file.Dataset.GetBytes(DicomTag.FloatPixelData).Span).ToArray());
        Assert.Equal(slices, file.Dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence).Count);
    }

    [Fact]
    public void A_label_map_numbers_the_voxels_with_a_share_of_a_half_and_more()
    {
        var mask = Phantom.Tube(6, 51, 51, Phantom.Axial(), from: 1, to: 5);
        var dataset = SegmentationBuilder.BuildLabelMap(Source.Classic(mask)).Dataset;
        Assert.Equal("LABELMAP", dataset.GetString(DicomTag.SegmentationType));
        Assert.Equal(DicomUID.LabelMapSegmentationStorage.Value, dataset.GetString(DicomTag.SOPClassUID));
        Assert.False(dataset.Contains(DicomTag.MaximumFractionalValue));
        Assert.All(dataset.GetSequence(DicomTag.PerFrameFunctionalGroupsSequence), frame => Assert.False(frame.Contains(DicomTag.SegmentIdentificationSequence)));
        Assert.Equal(mask.Voxels.AsSpan(51 * 51, 4 * 51 * 51).ToArray().Select(share => share >= 0.5f ? (byte)1 : (byte)0), dataset.GetBytes(DicomTag.PixelData).ToArray()[..(4 * 51 * 51)]);
    }
}
