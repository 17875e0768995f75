namespace SoftSeg.Dicom.Tests.Support;

static class Phantom
{
    /// <summary>An MR image with sequences, private elements and 32 x 32 pixels.</summary>
    public static DicomDataset MRImage()
    {
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 100")
            .AddOrUpdate(DicomTag.ImageType, "ORIGINAL", "PRIMARY", "M", "ND")
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
            .AddOrUpdate(DicomTag.SOPInstanceUID, DicomUID.Derive("phantom", "1"))
            .AddOrUpdate(DicomTag.StudyInstanceUID, DicomUID.Derive("phantom", "study"))
            .AddOrUpdate(DicomTag.SeriesInstanceUID, DicomUID.Derive("phantom", "series"))
            .AddOrUpdate(DicomTag.StudyDate, "20240229")
            .AddOrUpdate(DicomTag.Modality, "MR")
            .AddOrUpdate(DicomTag.PatientName, "Müller^Jörg")
            .AddOrUpdate(DicomTag.PatientID, "P-1")
            .AddOrUpdate(DicomTag.RepetitionTime, 2500.5)
            .AddOrUpdate(DicomTag.ImagePositionPatient, "-120.5", "33.25", "1e-3")
            .AddOrUpdate(DicomTag.ImageOrientationPatient, 0, 1, 0, 0, 0, -1)
            .AddOrUpdate(DicomTag.PixelSpacing, 0.5, 0.5)
            .AddOrUpdate(DicomTag.SamplesPerPixel, 1)
            .AddOrUpdate(DicomTag.Rows, 32)
            .AddOrUpdate(DicomTag.Columns, 32)
            .AddOrUpdate(DicomTag.BitsAllocated, 16)
            .AddOrUpdate(DicomTag.PixelRepresentation, 1)
            .AddOrUpdate(DicomTag.SmallestImagePixelValue, -7)
            .AddOrUpdate(DicomTag.ProcedureCodeSequence, new DicomDataset()
                .AddOrUpdate(DicomTag.CodeValue, "P5-09051")
                .AddOrUpdate(DicomTag.CodingSchemeDesignator, "SRT")
                .AddOrUpdate(DicomTag.CodeMeaning, "Rückenmark"))
            .AddOrUpdate(DicomTag.PixelData, Enumerable.Range(0, 32 * 32).Select(i => (ushort)(i * 37)).ToArray());
        dataset.AddOrUpdate(DicomVR.IS, dataset.ReservePrivateTag("SOFTSEG TEST", 0x0019, 0x0C), 1000);
        return dataset;
    }
}
