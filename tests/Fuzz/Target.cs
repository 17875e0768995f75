using SoftSeg.Dicom;
using SoftSeg.Fuzz.Targets;

namespace SoftSeg.Fuzz;

/// <summary>Something that reads what a peer sends. Whatever comes, it ends soon, takes little memory, and throws nothing but what it says.</summary>
abstract class Target
{
    public static IReadOnlyList<Target> All { get; } =
    [
        new ConnectionTarget(), new ClientTarget(), new TlsServerTarget(), new TlsClientTarget(), new AssociateTarget(), new CommandTarget(), new DatasetTarget(), new ScannerTarget(), new SeriesTarget(),
        .. CodecTarget.All,
    ];

    public abstract string Name { get; }

    /// <summary>Words of the format, for the mutator.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    public abstract IEnumerable<byte[]> Seeds();

    public abstract void Run(byte[] input);

    public virtual bool IsExpected(Exception e) => e is DicomDataException;

    /// <summary>Inputs that once broke something.</summary>
    public IEnumerable<byte[]> Regressions()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "regressions", Name);
        return Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }

    protected static IEnumerable<byte[]> SeedFiles(string pattern) =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "seeds"), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
}
