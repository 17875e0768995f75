using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomReader;

/// <summary>A frame with all that decides where it goes; all of it is read when the frame is made, so that nothing can fail later.</summary>
sealed class SourceFrame
{
    readonly Dictionary<StackDimension, string?> values;

    /// <exception cref="DicomDataException">A value can't be read as what its attribute is.</exception>
    /// <exception cref="SeriesRefusedException">An attribute is missing or is no plane.</exception>
    public SourceFrame(SourceInstance source, ImageFrame image, MosaicTile? tile = null)
    {
        (Source, Image, Tile, Plane, Acquisition) = (source, image, tile, FramePlane.Of(image), FrameAcquisition.Of(image));
        SeriesDescription = image.Instance.GetStringOrNull(DicomTag.SeriesDescription);
        ProtocolName = image.Instance.GetStringOrNull(DicomTag.ProtocolName);
        values = StackDimension.Always.Concat(StackDimension.ForRepeats).ToDictionary(d => d, d => d.Read(this));
    }

    public SourceInstance Source { get; }

    public ImageFrame Image { get; }

    /// <summary>Which tile of a mosaic this is; null where it is a frame of its own.</summary>
    public MosaicTile? Tile { get; }

    public FramePlane Plane { get; }

    public FrameAcquisition Acquisition { get; }

    public string? SeriesDescription { get; }

    public string? ProtocolName { get; }

    /// <summary>The frame's value of a dimension; null where the source does not say.</summary>
    public string? this[StackDimension dimension] => values[dimension];

    /// <summary>Two copies of a frame that agree in this make the same slice of the same stack.</summary>
    public string Signature => string.Join('|',
    [
        .. Image.ImagePositionPatient, .. Image.ImageOrientationPatient, .. Image.PixelSpacing, Image.SliceThickness ?? "",
        $"{Image.RescaleSlope} {Image.RescaleIntercept}", .. values.Values.Select(v => v ?? ""),
    ]);

    /// <summary>Order of frames that does not depend on the order in which they came.</summary>
    public static int Compare(SourceFrame a, SourceFrame b)
    {
        var instances = string.CompareOrdinal(a.Image.SopInstanceUid, b.Image.SopInstanceUid);
        if (instances != 0)
            return instances;
        var frames = a.Image.FrameIndex.CompareTo(b.Image.FrameIndex);
        return frames != 0 ? frames : (a.Tile?.Index ?? 0).CompareTo(b.Tile?.Index ?? 0);
    }
}
