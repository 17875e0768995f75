using System.IO.Compression;
using SoftSeg.Dicom;
using SoftSeg.DicomReader;
using SoftSeg.DicomWriter.Images;
using SoftSeg.DicomWriter.Tests.Sources;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.EndToEnd.Tests.Sources;
using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>
/// Every kind of source that the objects must fit, each written once. The real series come from <c>SOFTSEG_TESTDATA</c>; phantoms stand in for them where it is not set.
/// A source without a drawn mask gets a tapering, tilted tube with a bump: no flip or shift maps it onto itself.
/// </summary>
public sealed class ProofMatrix : IDisposable
{
    public const string Collection = "Objects for independent software";

    const string Tilted = "tilted oblique";
    const string Enhanced = "enhanced";
    const string Phantom64 = "phantom";

    readonly TemporaryFolder folder = new();
    readonly SourceLibrary library;
    readonly Dictionary<string, ProofCase> cases = [];

    public ProofMatrix() => library = new SourceLibrary(folder);

    public static string[] Names { get; } =
    [
        SourceLibrary.Sagittal, SourceLibrary.SagittalLabelled, SourceLibrary.AxialLabelled, Tilted,
        "axial 64x64", "oblique 50x50", "oblique 51x51", "axial 24x25", Enhanced, Phantom64,
    ];

    internal ProofCase this[string name]
    {
        get
        {
            if (!cases.TryGetValue(name, out var found))
                cases[name] = found = Make(name);
            return found;
        }
    }

    internal IEnumerable<ProofCase> All => Names.Select(name => this[name]);

    internal string Folder(string name) => folder.Make(name);

    public void Dispose() => folder.Dispose();

    ProofCase Make(string name) => name switch
    {
        SourceLibrary.Sagittal or SourceLibrary.SagittalLabelled or SourceLibrary.AxialLabelled => OfSeries(name, library[name]),
        Tilted => TiltedOblique(),
        "axial 64x64" => OfTube(name, Phantom.Tube(8, 64, 64, Phantom.Axial(), 1, 6)),
        "oblique 50x50" => OfTube(name, Phantom.Tube(7, 50, 50, Phantom.Oblique())),
        "oblique 51x51" => OfTube(name, Phantom.Tube(7, 51, 51, Phantom.Oblique())),
        "axial 24x25" => OfTube(name, Phantom.Tube(5, 24, 25, Phantom.Axial())),
        Enhanced => OfEnhanced(),
        Phantom64 => OfSeries(name, PhantomSeries.Write(PhantomSeries.Small, folder.Make("phantom-source"), name)),
        _ => throw new ArgumentException($"{name} is no source of the matrix."),
    };

    /// <summary>
    /// The whole patient turned by 23 degrees about the left-right axis, so that neither planes nor rows are parallel to the patient's axes: a real series
    /// written by pydicom where the tool beside the real volumes is at hand, else a phantom.
    /// </summary>
    ProofCase TiltedOblique()
    {
        var target = folder.Make("tilted-source");
        if (Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is not { Length: > 0 } data
            || Path.GetFullPath(Path.Combine(data, "..", "tools", "nii2dcm.py")) is var tool && !File.Exists(tool))
            return OfSeries(Tilted, PhantomSeries.Write(PhantomSeries.Axial with { TiltDegrees = 23, Seed = 3 }, target, Tilted));

        var subject = Path.Combine(data, "train", "gmc_9584");
        new ExternalProgram("/usr/bin/python3", "python3-nibabel python3-pydicom").RunAsync(
        [
            tool, Path.Combine(subject, "run-1_T2starw.nii.gz"), target, "--label", Path.Combine(subject, "run-1_seg-manual.nii.gz"), "--tilt", "23", "--seed", Tilted, "--desc", Tilted,
        ]).GetAwaiter().GetResult().Succeeded();
        using (var packed = new GZipStream(File.Create(Path.Combine(target, "label.npy.gz")), CompressionLevel.Fastest))
        using (var label = File.OpenRead(Path.Combine(target, "label.npy")))
            label.CopyTo(packed);
        return OfSeries(Tilted, SourceSeries.Read(target));
    }

    ProofCase OfSeries(string name, SourceSeries series)
    {
        var stack = Read(series.Files);
        return Case(name, series.Files, stack, series.Label is { } label ? stack.Volume.With(label) : Tube(stack.Volume));
    }

    ProofCase OfTube(string name, Volume tube, Func<IReadOnlyList<DicomFile>, IReadOnlyList<DicomFile>>? change = null)
    {
        var target = folder.Make($"source {name}");
        IReadOnlyList<DicomFile> instances = MrSeriesBuilder.Build(Phantom.Image(tube), new MrSeriesDescription { SeriesDescription = name });
        var files = (change?.Invoke(instances) ?? instances).Select((instance, n) =>
        {
            var file = Path.Combine(target, $"IM{n:0000}.dcm");
            instance.Save(file);
            return file;
        }).ToArray();
        var stack = Read(files);
        return Case(name, files, stack, stack.Volume.With(tube.Voxels));
    }

    /// <summary>One multi-frame instance whose frames do not lie in order.</summary>
    ProofCase OfEnhanced() => OfTube(Enhanced, Phantom.Tube(8, 64, 64, Phantom.Oblique()), classic => [EnhancedInstance.Of([.. classic.Select(file => file.Dataset)], [3, 1, 2, 0, 7, 6, 5, 4])]);

    ProofCase Case(string name, IReadOnlyList<string> files, ImageStack stack, Volume mask) =>
        new(name, files, stack.Volume, Source.Context(mask, stack.Frames), folder.Make($"objects {name}"));

    static ImageStack Read(IReadOnlyList<string> files) => Assert.Single(SeriesReader.Read(files).OrRefuse().Stacks);

    static Volume Tube(Volume volume) => Phantom.Tube(volume.Slices, volume.Rows, volume.Columns, volume.Affine);
}

[CollectionDefinition(ProofMatrix.Collection)]
public sealed class ProofMatrixCollection : ICollectionFixture<ProofMatrix>;
