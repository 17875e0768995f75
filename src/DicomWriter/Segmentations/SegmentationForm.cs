namespace SoftSeg.DicomWriter.Segmentations;

/// <summary>How a mask is written as pixels.</summary>
public enum SegmentationForm
{
    /// <summary>BINARY: voxels with a share of at least 0.5, 1 bit each.</summary>
    Binary,

    /// <summary>FRACTIONAL with only 0 and 255: the same voxels, where viewers would misread the bits of <see cref="Binary"/>.</summary>
    FractionalHard,

    /// <summary>FRACTIONAL / OCCUPANCY with a maximum of 255: the share of each voxel.</summary>
    Soft,

    /// <summary>LABELMAP: the voxels of <see cref="Binary"/>, a byte each that is the segment's number; 0 is background.</summary>
    LabelMap,
}
