using SoftSeg.DicomReader;
using SoftSeg.DicomWriter.Images;

namespace SoftSeg.DicomWriter.Tests.Sources;

/// <summary>Series of real scanners in the folder that SOFTSEG_TESTDATA names, with a phantom as their mask; where it isn't set, generated series.</summary>
static class RealSources
{
    public static IReadOnlyList<string> Names { get; } =
        ["dicom/t2w_sagittal", "dicom/t2star_axial_labelled", "dev/dicom/positions/HFP", "dev/dicom/positions/HFDL", "dev/dicom/enhanced_xa30", "dev/dicom/enhanced_vendors"];

    /// <summary>A context per volume in the folder.</summary>
    public static IReadOnlyList<ResultContext> Of(string name)
    {
        if (Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is not { Length: > 0 } data)
            return [Generated(name)];
        ResultContext[] contexts = [.. SeriesFolder.Scan(Path.Combine(data, name)).Series.SelectMany(s => SeriesReader.Read(s.Files).Stacks).Select(Context)];
        Assert.NotEmpty(contexts);
        return contexts;
    }

    static ResultContext Context(ImageStack stack) => Source.Context(
        Phantom.Tube(stack.Volume.Slices, stack.Volume.Rows, stack.Volume.Columns, stack.Volume.Affine), stack.Frames);

    static ResultContext Generated(string name) => name switch
    {
        "dicom/t2w_sagittal" => Source.Classic(Phantom.Tube(52, 195, 384, Phantom.Sagittal())),
        "dicom/t2star_axial_labelled" => Source.Classic(Phantom.Tube(17, 320, 320, Phantom.Axial())),
        "dev/dicom/enhanced_xa30" or "dev/dicom/enhanced_vendors" => Source.Enhanced(Phantom.Tube(9, 64, 64, Phantom.Oblique()), [3, 1, 2, 0, 8, 7, 6, 5, 4]),
        _ => Source.Classic(Phantom.Tube(35, 64, 64, Phantom.Oblique()), new MrSeriesDescription { SeriesNumber = 12 }),
    };
}
