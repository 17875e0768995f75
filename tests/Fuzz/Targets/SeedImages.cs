using SoftSeg.Dicom;

namespace SoftSeg.Fuzz.Targets;

/// <summary>Small whole images to begin with.</summary>
static class SeedImages
{
    public static DicomDataset Classic(int slice) => Common($"{slice}")
        .AddOrUpdate(DicomTag.SpecificCharacterSet, "", "ISO 2022 IR 87")
        .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
        .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND")
        .AddOrUpdate(DicomTag.PatientName, "Phantom^Spine")
        .AddOrUpdate(DicomTag.EchoTime, "90")
        .AddOrUpdate(DicomTag.ImagePositionPatient, "-4", "-4", $"{3 * slice}")
        .AddOrUpdate(DicomTag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0")
        .AddOrUpdate(DicomTag.PixelSpacing, "1", "1")
        .AddOrUpdate(DicomTag.SliceThickness, "3")
        .AddOrUpdate(DicomTag.ReferencedImageSequence, new DicomDataset().AddOrUpdate(DicomTag.ReferencedSOPInstanceUID, "1.2.3"))
        .AddOrUpdate(DicomTag.PixelData, new byte[8 * 8 * 2]);

    public static DicomDataset Enhanced() => Common("enhanced")
        .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.EnhancedMRImageStorage)
        .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "NONE")
        .AddOrUpdate(DicomTag.NumberOfFrames, "3")
        .AddOrUpdate(DicomTag.SharedFunctionalGroupsSequence, new DicomDataset()
            .AddOrUpdate(DicomTag.PlaneOrientationSequence, new DicomDataset().AddOrUpdate(DicomTag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0"))
            .AddOrUpdate(DicomTag.PixelMeasuresSequence, new DicomDataset().AddOrUpdate(DicomTag.PixelSpacing, "1", "1").AddOrUpdate(DicomTag.SliceThickness, "3")))
        .AddOrUpdate(DicomTag.PerFrameFunctionalGroupsSequence, [.. Enumerable.Range(0, 3).Select(f => new DicomDataset()
            .AddOrUpdate(DicomTag.PlanePositionSequence, new DicomDataset().AddOrUpdate(DicomTag.ImagePositionPatient, "-4", "-4", $"{3 * f}"))
            .AddOrUpdate(DicomTag.FrameContentSequence, new DicomDataset().AddOrUpdate(DicomTag.StackID, "1").AddOrUpdate(DicomTag.TemporalPositionIndex, "1")))])
        .AddOrUpdate(DicomTag.PixelData, new byte[3 * 8 * 8 * 2]);

    public static DicomDataset Mosaic()
    {
        var mosaic = Classic(5)
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC")
            .AddOrUpdate(DicomTag.SpacingBetweenSlices, "3");
        return mosaic.AddOrUpdate(DicomVR.US, mosaic.ReservePrivateTag("SIEMENS MR HEADER", 0x0019, 0x0A), "4");
    }

    static DicomDataset Common(string name) => new DicomDataset()
        .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive("fuzz", name))
        .AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive("fuzz"))
        .AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive("fuzz", "series"))
        .AddOrUpdate(DicomTag.Modality, "MR")
        .AddOrUpdate(DicomTag.InstanceNumber, "1")
        .AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1)
        .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
        .AddOrUpdate(DicomTag.Rows, (ushort)8)
        .AddOrUpdate(DicomTag.Columns, (ushort)8)
        .AddOrUpdate(DicomTag.BitsAllocated, (ushort)16)
        .AddOrUpdate(DicomTag.BitsStored, (ushort)12)
        .AddOrUpdate(DicomTag.HighBit, (ushort)11)
        .AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0);
}
