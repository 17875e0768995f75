using System.Globalization;
using SoftSeg.DicomWriter.Images;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.EndToEnd.Tests.Sources;

/// <summary>Generated necks as MR series, for what no real series shows and for machines without the real ones.</summary>
static class PhantomSeries
{
    /// <summary>In place of the real sagittal series: 52 slices of 1 mm.</summary>
    public static SpinePhantomOptions Sagittal => new() { Width = 52 };

    /// <summary>In place of the real axial one: 17 oblique slices of 3 mm, 0.5 mm in plane.</summary>
    public static SpinePhantomOptions Axial => new()
    {
        Plane = PhantomPlane.Axial,
        Contrast = PhantomContrast.T2star,
        SliceSpacing = 3,
        PixelSpacing = 0.5,
        Width = 128,
        Depth = 128,
        Height = 51,
        TiltDegrees = 7,
    };

    /// <summary>Quick to send and to segment: 16 axial slices.</summary>
    public static SpinePhantomOptions Small => new() { Plane = PhantomPlane.Axial, SliceSpacing = 4, Width = 96, Depth = 96, Height = 64 };

    /// <summary>The same with muscle in place of canal and cord.</summary>
    public static SpinePhantomOptions WithoutCord => Small with { HasCord = false };

    /// <summary>Generates a phantom and writes it as a series; its true share is the label.</summary>
    public static SourceSeries Write(SpinePhantomOptions options, string folder, string description)
    {
        var phantom = SpinePhantom.Generate(options);
        var size = phantom.Share.Rows * phantom.Share.Columns;
        foreach (var (slice, file) in MrSeriesBuilder.Build(phantom.Image, new MrSeriesDescription { SeriesDescription = description }).Index())
            file.Save(Path.Combine(folder, $"IM{slice:0000}.dcm"));
        return SourceSeries.Read(folder, file =>
            phantom.Share.Slice(int.Parse(Path.GetFileNameWithoutExtension(file)[2..], CultureInfo.InvariantCulture)).ToArray());
    }
}
