using System.Globalization;
using SkiaSharp;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;

namespace SoftSeg.DicomWriter.Captures;

/// <summary>Secondary Capture Equipment, PS3.3 C.8.6.1.</summary>
static class SCEquipmentModule
{
    /// <summary>WSD: made by a workstation.</summary>
    public static void Write(DicomDataset target) => target.AddOrUpdate(DicomTag.ConversionType, "WSD");
}

/// <summary>General Image, PS3.3 C.7.6.1, and Image Pixel, C.7.6.3, of a colour picture.</summary>
static class PictureModules
{
    /// <param name="target">The data set.</param>
    /// <param name="source">For dates, and for whether its pixels were lossy.</param>
    /// <param name="picture">RGBA, opaque.</param>
    /// <param name="burnedIn">The picture names the patient.</param>
    public static void Write(DicomDataset target, SourceSeries source, SKBitmap picture, bool burnedIn)
    {
        target.AddOrUpdate(DicomTag.ImageType, "DERIVED", "SECONDARY");
        target.AddOrUpdate(DicomTag.ContentDate, source.ContentDate);
        target.AddOrUpdate(DicomTag.ContentTime, source.ContentTime);
        target.AddOrUpdate(DicomTag.PatientOrientation);
        target.AddOrUpdate(DicomTag.BurnedInAnnotation, burnedIn ? "YES" : "NO");
        LossyCompression.Write(target, source);
        target.AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)3);
        target.AddOrUpdate(DicomTag.PhotometricInterpretation, "RGB");
        target.AddOrUpdate(DicomTag.PlanarConfiguration, (ushort)0);
        target.AddOrUpdate(DicomTag.Rows, (ushort)picture.Height);
        target.AddOrUpdate(DicomTag.Columns, (ushort)picture.Width);
        target.AddOrUpdate(DicomTag.BitsAllocated, (ushort)8);
        target.AddOrUpdate(DicomTag.BitsStored, (ushort)8);
        target.AddOrUpdate(DicomTag.HighBit, (ushort)7);
        target.AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0);
        target.AddOrUpdate(DicomVR.OB, DicomTag.PixelData, Rgb(picture));
    }

    static byte[] Rgb(SKBitmap picture)
    {
        var rgba = picture.GetPixelSpan();
        var pixels = picture.Width * picture.Height;
        var value = new byte[(pixels * 3) + (pixels & 1)];
        for (var n = 0; n < pixels; n++)
            (value[3 * n], value[(3 * n) + 1], value[(3 * n) + 2]) = (rgba[4 * n], rgba[(4 * n) + 1], rgba[(4 * n) + 2]);
        return value;
    }
}

/// <summary>
/// Image Plane, PS3.3 C.7.6.2, on a grid that is finer than the source's by a whole number: a standard extension of Secondary Capture, so that
/// viewers scroll the pictures with the source.
/// </summary>
static class CapturePlane
{
    public static void Write(DicomDataset target, ResultContext context, int slice, int scale)
    {
        var frame = context.Frames[slice];
        target.AddOrUpdate(DicomTag.ImageOrientationPatient, frame.ImageOrientationPatient);
        if (scale == 1)
        {
            target.AddOrUpdate(DicomTag.ImagePositionPatient, frame.ImagePositionPatient);
            target.AddOrUpdate(DicomTag.PixelSpacing, frame.PixelSpacing);
        }
        else
        {
            // The first small pixel's centre lies half a large and half a small pixel from the first large one's corner.
            var affine = context.Mask.Affine;
            var first = affine.ToPatient(slice, 0, 0) - ((affine.RowStep + affine.ColumnStep) * ((scale - 1.0) / (2 * scale)));
            target.AddOrUpdate(DicomTag.ImagePositionPatient, DecimalString.Format(first.X), DecimalString.Format(first.Y), DecimalString.Format(first.Z));
            target.AddOrUpdate(DicomTag.PixelSpacing, [.. frame.PixelSpacing.Select(text => DecimalString.Format(double.Parse(text, CultureInfo.InvariantCulture) / scale))]);
        }
        if (frame.SliceThickness is { Length: > 0 } thickness)
            target.AddOrUpdate(DicomTag.SliceThickness, thickness);
    }
}
