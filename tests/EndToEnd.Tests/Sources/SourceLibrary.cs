using SoftSeg.EndToEnd.Tests.Peers;

namespace SoftSeg.EndToEnd.Tests.Sources;

/// <summary>
/// The series that tests send: real ones from <c>SOFTSEG_TESTDATA/dicom</c>, and phantoms in the same planes where that variable is not set.
/// </summary>
sealed class SourceLibrary(TemporaryFolder folder)
{
    /// <summary>T2w, 52 sagittal slices of 1 mm, from the head to the upper back.</summary>
    public const string Sagittal = "t2w_sagittal";

    /// <summary>T2w, 52 sagittal slices of 1 mm, with a manual mask.</summary>
    public const string SagittalLabelled = "t2w_sagittal_labelled";

    /// <summary>T2*, 17 oblique axial slices of 3 mm, with a manual mask.</summary>
    public const string AxialLabelled = "t2star_axial_labelled";

    readonly Dictionary<string, SourceSeries> series = [];

    public SourceSeries this[string name] => Get(name, () =>
        Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA") is { Length: > 0 } data
            ? SourceSeries.Read(Path.Combine(data, "dicom", name))
            : PhantomSeries.Write(Options(name), folder.Make(name), name));

    /// <summary>A small phantom with a cord, as a series of its own: <paramref name="name"/> decides its UIDs.</summary>
    public SourceSeries NewPhantom(string name) => Get($"phantom {name}", () =>
        SeriesEdit.AsNewSeries(Get("small phantom", () => PhantomSeries.Write(PhantomSeries.Small, folder.Make("small"), "small phantom")), folder.Make($"phantom-{series.Count}"), name));

    /// <summary>The small phantom without canal and cord.</summary>
    public SourceSeries WithoutCord => Get("without cord", () => PhantomSeries.Write(PhantomSeries.WithoutCord, folder.Make("without-cord"), "without cord"));

    SourceSeries Get(string name, Func<SourceSeries> make)
    {
        if (!series.TryGetValue(name, out var found))
            series[name] = found = make();
        return found;
    }

    static SegEngine.Phantoms.SpinePhantomOptions Options(string name) => name switch
    {
        AxialLabelled => PhantomSeries.Axial,
        SagittalLabelled => PhantomSeries.Sagittal with { Seed = 2 },
        _ => PhantomSeries.Sagittal,
    };
}
