using SoftSeg.SegEngine;

namespace SoftSeg.DicomReader;

/// <summary>What a person calls a plane.</summary>
public static class PlaneNames
{
    /// <summary>A normal further than this from its nearest axis makes an oblique plane: 5 degrees.</summary>
    static readonly double Straight = Math.Cos(5 * Math.PI / 180);

    /// <param name="normal">Length 1, patient LPS.</param>
    public static string Of(Vector3 normal)
    {
        var (x, y, z) = (Math.Abs(normal.X), Math.Abs(normal.Y), Math.Abs(normal.Z));
        var largest = Math.Max(x, Math.Max(y, z));
        var name = largest == x ? "sagittal" : largest == y ? "coronal" : "axial";
        return largest < Straight ? $"oblique {name}" : name;
    }
}
