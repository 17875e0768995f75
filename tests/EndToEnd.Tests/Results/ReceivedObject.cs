using System.Xml.Linq;
using SoftSeg.EndToEnd.Tests.Peers;

namespace SoftSeg.EndToEnd.Tests.Results;

/// <summary>An instance as a peer received it, read by DCMTK and not by our own library.</summary>
sealed class ReceivedObject
{
    public const string SegmentationStorage = "1.2.840.10008.5.1.4.1.1.66.4";
    public const string ComprehensiveSRStorage = "1.2.840.10008.5.1.4.1.1.88.33";
    public const string Comprehensive3DSRStorage = "1.2.840.10008.5.1.4.1.1.88.34";

    public const string SecondaryCaptureStorage = "1.2.840.10008.5.1.4.1.1.7";
    public const string EncapsulatedPdfStorage = "1.2.840.10008.5.1.4.1.1.104.1";
    public const string BasicTextSRStorage = "1.2.840.10008.5.1.4.1.1.88.11";
    public const string ParametricMapStorage = "1.2.840.10008.5.1.4.1.1.30";
    public const string LabelMapSegmentationStorage = "1.2.840.10008.5.1.4.1.1.66.7";

    readonly XElement dataset;

    ReceivedObject(string path, XElement dataset) => (Path, this.dataset) = (path, dataset);

    public string Path { get; }

    public string SopClassUid => Value("0008,0016")!;

    public string SopInstanceUid => Value("0008,0018")!;

    public string StudyUid => Value("0020,000d")!;

    public string SeriesUid => Value("0020,000e")!;

    public static async Task<ReceivedObject> ReadAsync(string file)
    {
        var xml = (await ExternalProgram.Dcm2xml.RunAsync(["+M", "+Wb", "+Eb", "+U8", file])).Succeeded();
        return new ReceivedObject(file, XDocument.Parse(xml.Output).Descendants("data-set").First());
    }

    /// <summary>The value of a top-level element as it stands in the file, or null when it is absent.</summary>
    public string? Value(string tag) => Value(dataset, tag);

    /// <summary>The items of a top-level sequence.</summary>
    public IEnumerable<XElement> Items(string tag) => Items(dataset, tag);

    /// <summary>Every value of a tag, however deep.</summary>
    public IEnumerable<string> ValuesAnywhere(string tag) => dataset.Descendants("element").Where(e => IsTag(e, tag)).Select(e => e.Value);

    public static string? Value(XElement item, string tag) =>
        item.Elements("element").FirstOrDefault(e => IsTag(e, tag))?.Value.Trim();

    public static IEnumerable<XElement> Items(XElement item, string tag) =>
        item.Elements("sequence").Where(e => IsTag(e, tag)).Elements("item");

    /// <summary>The series that it says it was made from: Referenced Series Sequence of a SEG, the evidence of an SR.</summary>
    public IReadOnlyList<string> ReferencedSeries() =>
        Items("0008,1115").Concat(Items("0040,a375").SelectMany(study => Items(study, "0008,1115")))
            .Select(series => Value(series, "0020,000e")!).Distinct().ToArray();

    /// <summary>The SOP Instance UIDs of the documents that it replaces: Predecessor Documents Sequence (0040,A360).</summary>
    public IReadOnlyList<string> Replaced() =>
        [.. Items("0040,a360").SelectMany(study => Items(study, "0008,1115")).SelectMany(series => Items(series, "0008,1199")).Select(instance => Value(instance, "0008,1155")!)];

    static bool IsTag(XElement element, string tag) => string.Equals((string?)element.Attribute("tag"), tag, StringComparison.OrdinalIgnoreCase);
}
