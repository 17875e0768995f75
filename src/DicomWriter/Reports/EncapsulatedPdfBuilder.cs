using System.Globalization;
using SkiaSharp;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Captures;
using SoftSeg.DicomWriter.Modules;
using SoftSeg.DicomWriter.Pictures;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>Encapsulated PDF Storage, PS3.3 A.45.1: the report page as a document.</summary>
public static class EncapsulatedPdfBuilder
{
    /// <param name="context">The series and its mask.</param>
    /// <param name="image">The source's intensities on the mask's grid.</param>
    /// <param name="measurements">What was measured.</param>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    public static DicomFile Build(ResultContext context, Volume image, CordMeasurements measurements)
    {
        var source = context.Source;
        var dataset = new DicomDataset();
        SopCommonModule.Write(dataset, context, DicomUID.EncapsulatedPDFStorage);
        PatientModule.Write(dataset, source.Instance);
        GeneralStudyModule.Write(dataset, source.Instance);
        ResultSeriesModule.Write(dataset, context, "DOC", 6, ResultText.SeriesDescription(context, "page"));
        GeneralEquipmentModule.Write(dataset, context);
        SCEquipmentModule.Write(dataset);
        EncapsulatedDocument(dataset, context, Pdf(context, new ReportPage(context, image, measurements)));
        return ReportDataset.Seal(dataset, context, "report page");
    }

    /// <summary>Encapsulated Document, PS3.3 C.24.2.</summary>
    static void EncapsulatedDocument(DicomDataset target, ResultContext context, byte[] pdf)
    {
        var source = context.Source;
        target.AddOrUpdate(DicomTag.ContentDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.ContentTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.AcquisitionDateTime);
        target.AddOrUpdate(DicomTag.BurnedInAnnotation, "YES");
        target.AddOrUpdate(DicomTag.SourceInstanceSequence, [.. source.Instances.Select(CommonInstanceReferenceModule.InstanceReference)]);
        target.AddOrUpdate(DicomTag.DocumentTitle, ResultText.Value($"{context.Segment.Label}: cross-sectional area", 1024));
        CodeSequence.Write(target, DicomTag.ConceptNameCodeSequence, Codes.DCM.ImagingMeasurementReport);
        target.AddOrUpdate(DicomTag.MIMETypeOfEncapsulatedDocument, "application/pdf");
        target.AddOrUpdate(DicomVR.OB, DicomTag.EncapsulatedDocument, [.. pdf, .. new byte[pdf.Length & 1]]);
        target.AddOrUpdate(DicomTag.EncapsulatedDocumentLength, (uint)pdf.Length);
    }

    /// <summary>The page as a PDF file; its dates are the source's, so that the same input gives the same bytes.</summary>
    static byte[] Pdf(ResultContext context, ReportPage page)
    {
        var date = DateTime.ParseExact(context.Source.ContentDate, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        using var stream = new MemoryStream();
        using (var document = SKDocument.CreatePdf(stream, new SKDocumentPdfMetadata
        {
            Title = $"{context.Segment.Label}: cross-sectional area",
            Creator = $"SoftSeg {context.Algorithm.SoftwareVersion}",
            Producer = "SoftSeg",
            Creation = date,
            Modified = date,
            RasterDpi = 150,
            EncodingQuality = 101,
        }))
        {
            page.Draw(document.BeginPage(ReportPage.Width, ReportPage.Height));
            document.EndPage();
            document.Close();
        }
        return stream.ToArray();
    }
}
