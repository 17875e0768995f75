using System.Globalization;
using SkiaSharp;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;
using SoftSeg.DicomWriter.Pictures;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Captures;

/// <summary>Secondary Capture Image Storage, PS3.3 A.8.1: pictures for archives and viewers that show neither segmentations nor reports.</summary>
public static class SecondaryCaptureBuilder
{
    /// <summary>The slices that hold the structure, from the first to the last, with the mask over them; one series, one instance a slice.</summary>
    /// <remarks>In the source's frame of reference. Small slices are enlarged by a whole number, so that the caption can be read.</remarks>
    /// <param name="context">The series and its mask.</param>
    /// <param name="image">The source's intensities on the mask's grid.</param>
    /// <exception cref="DicomConformanceException">An attribute that the object needs is missing in the source.</exception>
    public static IReadOnlyList<DicomFile> BuildSlices(ResultContext context, Volume image)
    {
        var maxima = SliceMaxima.Of(context.Mask);
        var (first, last) = (Array.FindIndex(maxima, m => m >= 0.5f), Array.FindLastIndex(maxima, m => m >= 0.5f));
        // Nothing to show is shown too: the slice in the middle, without a colour.
        if (first < 0)
            first = last = context.Mask.Slices / 2;
        var painter = new SlicePicture(context, image);
        return Series(context, "overlay", 4, [.. Enumerable.Range(first, last - first + 1).Select(slice =>
        {
            using var picture = painter.Draw(slice);
            var dataset = Create(context, "overlay", 4, slice - first + 1, picture, burnedIn: false);
            FrameOfReferenceModule.Write(dataset, context.Source);
            CapturePlane.Write(dataset, context, slice, painter.Scale);
            dataset.AddOrUpdate(DicomTag.SourceImageSequence, SourceImage(context.Source, slice));
            return dataset;
        })]);
    }

    /// <summary>The report page as a picture, 150 pixels an inch.</summary>
    /// <inheritdoc cref="BuildSlices"/>
    /// <param name="measurements">What was measured.</param>
    public static DicomFile BuildReport(ResultContext context, Volume image, CordMeasurements measurements)
    {
        const float Scale = 150f / 72;
        using var picture = new SKBitmap(new SKImageInfo((int)(ReportPage.Width * Scale), (int)(ReportPage.Height * Scale), SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(picture))
        {
            canvas.Scale(Scale);
            new ReportPage(context, image, measurements).Draw(canvas);
        }
        return Series(context, "page", 5, [Create(context, "page", 5, 1, picture, burnedIn: true)])[0];
    }

    static DicomDataset Create(ResultContext context, string kind, int seriesNumber, int instanceNumber, SKBitmap picture, bool burnedIn)
    {
        var dataset = new DicomDataset();
        SopCommonModule.Write(dataset, context, DicomUID.SecondaryCaptureImageStorage);
        PatientModule.Write(dataset, context.Source.Instance);
        GeneralStudyModule.Write(dataset, context.Source.Instance);
        ResultSeriesModule.Write(dataset, context, "OT", seriesNumber, ResultText.SeriesDescription(context, kind));
        BodyPart.Write(dataset, context.Source);
        GeneralEquipmentModule.Write(dataset, context);
        SCEquipmentModule.Write(dataset);
        dataset.AddOrUpdate(DicomTag.InstanceNumber, instanceNumber.ToString(CultureInfo.InvariantCulture));
        PictureModules.Write(dataset, context.Source, picture, burnedIn);
        return dataset;
    }

    static List<DicomFile> Series(ResultContext context, string form, int number, IReadOnlyList<DicomDataset> datasets)
    {
        new ResultIdentity(context).SealSeries(datasets, FormattableString.Invariant($"{form} {number}"));
        return [.. datasets.Select(dataset => new DicomFile(dataset, DicomTransferSyntax.ExplicitVRLittleEndian))];
    }

    static DicomDataset SourceImage(SourceSeries source, int slice)
    {
        var frame = source.Frames[slice];
        var item = CommonInstanceReferenceModule.InstanceReference(new SourceInstance(frame.SopClassUid, frame.SopInstanceUid));
        if (frame.FrameNumber is int number)
            item.AddOrUpdate(DicomTag.ReferencedFrameNumber, number.ToString(CultureInfo.InvariantCulture));
        CodeSequence.Write(item, DicomTag.PurposeOfReferenceCodeSequence, Codes.DCM.SourceImage);
        return item;
    }
}
