using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomReader;

/// <summary>A frame with all that decides where it goes.</summary>
sealed record SourceFrame(SourceInstance Source, ImageFrame Image, FramePlane Plane, FrameAcquisition Acquisition)
{
    public string? Text(DicomTag tag) => Image.Instance.GetStringOrNull(tag);

    /// <summary>Two copies of a frame that agree in this make the same slice of the same stack.</summary>
    public string Signature => string.Join('|',
    [
        .. Image.ImagePositionPatient, .. Image.ImageOrientationPatient, .. Image.PixelSpacing, Image.SliceThickness ?? "",
        $"{Image.RescaleSlope} {Image.RescaleIntercept}", .. StackDimension.Always.Concat(StackDimension.ForRepeats).Select(d => d.Value(this) ?? ""),
    ]);

    /// <summary>Order of frames that does not depend on the order in which they came.</summary>
    public static int Compare(SourceFrame a, SourceFrame b)
    {
        var instances = string.CompareOrdinal(a.Image.SopInstanceUid, b.Image.SopInstanceUid);
        return instances != 0 ? instances : a.Image.FrameIndex.CompareTo(b.Image.FrameIndex);
    }
}
