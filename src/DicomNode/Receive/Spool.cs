using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.State;

namespace SoftSeg.DicomNode.Receive;

/// <summary>The received instances on disk (decision 3), as the steps after Receive see them.</summary>
public sealed class Spool(DataDirectory data, NodeConfiguration configuration, DicomLimits limits, ILogger<Spool> logger)
{
    readonly InstanceSpool instances = new(data.Spool, limits, logger, new SpoolOptions { MinFreeBytes = (long)configuration.Node.MinFreeMegabytes << 20 });
    readonly Lock removal = new();

    /// <summary>
    /// Every storage class is taken: what is no MR image is kept and skipped by name. A refusal in the middle of a study would only confuse its sender.
    /// Of the transfer syntaxes those that this version can decode.
    /// </summary>
    public static AcceptedServices AcceptedServices { get; } = new(
    [
        DicomTransferSyntax.ExplicitVRLittleEndian.UID.Value,
        DicomTransferSyntax.ImplicitVRLittleEndian.UID.Value,
        DicomTransferSyntax.DeflatedExplicitVRLittleEndian.UID.Value,
        DicomTransferSyntax.ExplicitVRBigEndian.UID.Value,
        DicomTransferSyntax.JPEGLosslessSV1.UID.Value,
        DicomTransferSyntax.JPEGLossless.UID.Value,
        DicomTransferSyntax.JPEGLSLossless.UID.Value,
        DicomTransferSyntax.JPEGLSNearLossless.UID.Value,
        DicomTransferSyntax.RLELossless.UID.Value,
        DicomTransferSyntax.JPEG2000Lossless.UID.Value,
        DicomTransferSyntax.JPEG2000.UID.Value,
        DicomTransferSyntax.JPEGExtended12Bit.UID.Value,
        DicomTransferSyntax.JPEGBaseline8Bit.UID.Value,
        DicomTransferSyntax.EncapsulatedUncompressedExplicitVRLittleEndian.UID.Value,
    ])
    {
        CommitmentResults = true,
    };

    public SpoolInstanceSink Begin(StoreContext context, Func<StoredInstance, CancellationToken, ValueTask> stored) => instances.Begin(context, stored);

    /// <summary>Every series that has instances.</summary>
    public IEnumerable<(string StudyUid, string SeriesUid)> Series() => instances.Series();

    /// <summary>The files of a series, of each instance the copy that came last: a PACS that corrects a name sends the same instances with other bytes.</summary>
    public string[] Files(string studyUid, string seriesUid) =>
    [
        .. from file in AllFiles(studyUid, seriesUid)
           let copy = CopyOf(file)
           group (file, copy.Number) by copy.Instance into copies
           select copies.MaxBy(copy => copy.Number).file,
    ];

    /// <summary>Lets others know of an instance that was stored. No series leaves the spool meanwhile: what a sender is told of is there, and known.</summary>
    /// <exception cref="DicomStatusException">A700: the series was removed in the same moment. Sent once more it is received anew.</exception>
    public void Tell(StoredInstance instance, Action tell)
    {
        lock (removal)
        {
            if (!File.Exists(instance.Path))
                throw new DicomStatusException(DicomStatus.OutOfResources.With("series was just removed, send again"));
            tell();
        }
    }

    /// <summary>Runs something while nobody is told of an instance.</summary>
    public void Undisturbed(Action work)
    {
        lock (removal)
            work();
    }

    /// <summary>Where the instances of a series are.</summary>
    public string FolderOf(string studyUid, string seriesUid) => Path.Combine(instances.Directory, studyUid, seriesUid);

    /// <summary>The SOP Instance UIDs of a series.</summary>
    public IReadOnlySet<string> Instances(string studyUid, string seriesUid) =>
        AllFiles(studyUid, seriesUid).Select(file => CopyOf(file).Instance).ToHashSet(StringComparer.Ordinal);

    /// <summary>How many files a series has, with every copy.</summary>
    public int Count(string studyUid, string seriesUid) => AllFiles(studyUid, seriesUid).Length;

    /// <summary>The AE titles that sent the series, from the file meta (PS3.10 7.1).</summary>
    public IReadOnlyList<string> Senders(string studyUid, string seriesUid) =>
        [.. AllFiles(studyUid, seriesUid)
            .Select(file => DicomFile.Open(file, DicomReadOptions.UntilPixelData).FileMetaInfo.GetStringOrNull(DicomTag.SendingApplicationEntityTitle))
            .OfType<string>().Distinct()];

    string[] AllFiles(string studyUid, string seriesUid)
    {
        var folder = FolderOf(studyUid, seriesUid);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.dcm").Order(StringComparer.Ordinal)]
            : throw new DirectoryNotFoundException("its instances are no longer on this machine (Retention); send the series again");
    }

    /// <summary>Which instance a file is, and which copy of it: <c>UID.dcm</c> is the first, <c>UID.2.dcm</c> the second unless that is a UID of its own.</summary>
    static (string Instance, int Number) CopyOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var instance = Path.GetFileNameWithoutExtension(name);
        return int.TryParse(Path.GetExtension(name).AsSpan().TrimStart('.'), CultureInfo.InvariantCulture, out var number) && number >= 2
            && File.Exists(Path.Combine(Path.GetDirectoryName(file)!, instance + ".dcm"))
            && DicomFile.Open(file, DicomReadOptions.UntilPixelData).Dataset.GetStringOrNull(DicomTag.SOPInstanceUID) == instance
            ? (instance, number)
            : (name, 1);
    }
}
