namespace SoftSeg.EndToEnd.Tests.Results;

/// <summary>What came back for one series.</summary>
sealed class ResultSet(IReadOnlyList<ReceivedObject> objects)
{
    public IReadOnlyList<ReceivedObject> Objects { get; } = objects;

    /// <summary>The segmentation that people see: BINARY, or FRACTIONAL of only 0 and the maximum where a reader would scramble bits.</summary>
    public ReceivedSegmentation Visible => Segmentation("CORD_HARD");

    public ReceivedSegmentation Soft => Segmentation("CORD_SOFT");

    public ReceivedObject Report => Assert.Single(Objects, o => o.Value("0008,0060") == "SR");

    public string[] SopInstanceUids => Objects.Select(o => o.SopInstanceUid).Order(StringComparer.Ordinal).ToArray();

    ReceivedSegmentation Segmentation(string contentLabel) =>
        new(Assert.Single(Objects, o => o.SopClassUid == ReceivedObject.SegmentationStorage && o.Value("0070,0080") == contentLabel));
}
