using System.Runtime.InteropServices;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.DicomWriter.Tests.Tools;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Tests.Images;

public sealed class MrSeriesBuilderTests
{
    readonly Volume _image = Phantom.Image(Phantom.Tube(4, 24, 25, Phantom.Oblique()));

    [Fact]
    public void Instances_are_conformant()
    {
        foreach (var file in MrSeriesBuilder.Build(_image))
            Validators.AssertConformant(file);
        Validators.AssertConformant(Assert.Single(MrSeriesBuilder.Build(Phantom.Image(Phantom.Tube(1, 7, 3, Phantom.Axial())))));
    }

    [Fact]
    public void Planes_and_intensities_are_those_of_the_volume()
    {
        var files = MrSeriesBuilder.Build(_image);
        Assert.Equal(4, files.Count);
        for (var slice = 0; slice < 4; slice++)
        {
            var dataset = files[slice].Dataset;
            var position = dataset.GetDoubles(DicomTag.ImagePositionPatient);
            var orientation = dataset.GetDoubles(DicomTag.ImageOrientationPatient);
            var spacing = dataset.GetDoubles(DicomTag.PixelSpacing);
            var corner = _image.Affine.ToPatient(slice, 23, 24);
            for (var axis = 0; axis < 3; axis++)
            {
                var expected = new[] { corner.X, corner.Y, corner.Z }[axis];
                Assert.Equal(expected, position[axis] + (24 * spacing[1] * orientation[axis]) + (23 * spacing[0] * orientation[3 + axis]), 1e-9);
            }
            var stored = MemoryMarshal.Cast<byte, ushort>(dataset.GetBytes(DicomTag.PixelData).Span);
            var (slope, intercept) = (dataset.GetDouble(DicomTag.RescaleSlope), dataset.GetDouble(DicomTag.RescaleIntercept));
            for (var i = 0; i < stored.Length; i++)
                Assert.Equal(_image.Slice(slice)[i], (stored[i] * slope) + intercept, (slope / 2) + 1e-4);
        }
    }

    [Fact]
    public void The_instances_are_one_series_and_the_same_volume_gives_the_same_one()
    {
        static string[] Uids(IEnumerable<DicomFile> files, DicomTag tag) => [.. files.Select(f => f.Dataset.GetString(tag))];
        var (first, again, other) = (MrSeriesBuilder.Build(_image), MrSeriesBuilder.Build(_image), MrSeriesBuilder.Build(_image.LikeThis()));
        Assert.Single(Uids(first, DicomTag.SeriesInstanceUID).Distinct());
        Assert.Equal(4, Uids(first, DicomTag.SOPInstanceUID).Distinct().Count());
        Assert.Equal(Uids(first, DicomTag.SOPInstanceUID), Uids(again, DicomTag.SOPInstanceUID));
        Assert.Empty(Uids(first, DicomTag.SOPInstanceUID).Intersect(Uids(other, DicomTag.SOPInstanceUID)));
    }

    [Fact]
    public void A_description_names_patient_and_series()
    {
        var dataset = MrSeriesBuilder.Build(_image, new MrSeriesDescription { PatientName = "A^B", SeriesNumber = 7, SeriesDescription = "T1w" })[0].Dataset;
        Assert.Equal(("A^B", 7, "T1w"), (dataset.GetString(DicomTag.PatientName), dataset.GetInt32(DicomTag.SeriesNumber), dataset.GetString(DicomTag.SeriesDescription)));
    }

    [Fact]
    public void A_volume_that_no_image_can_hold_is_refused()
    {
        _image[1, 2, 3] = float.PositiveInfinity;
        Assert.Throws<ArgumentException>(() => MrSeriesBuilder.Build(_image));
        var skewed = new Affine(Vector3.Zero, new Vector3(0, 0, 1), new Vector3(0.1, 1, 0), new Vector3(1, 0, 0));
        Assert.Throws<ArgumentException>(() => MrSeriesBuilder.Build(new Volume(new float[8], 2, 2, 2, skewed)));
    }
}
