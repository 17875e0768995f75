using System.Globalization;
using System.Xml.Linq;
using SoftSeg.EndToEnd.Tests.Sources;

namespace SoftSeg.EndToEnd.Tests.Results;

/// <summary>A SEG as a peer received it, decoded here from its bytes alone.</summary>
sealed class ReceivedSegmentation
{
    readonly byte[] stored;

    public ReceivedSegmentation(ReceivedObject received)
    {
        Object = received;
        Rows = Number("0028,0010");
        Columns = Number("0028,0011");
        Frames = received.Items("5200,9230").Select(item => Frame(received, item)).ToArray();
        Assert.Equal(Number("0028,0008"), Frames.Count);
        stored = Convert.FromBase64String(received.Value("7fe0,0010")!);
    }

    public ReceivedObject Object { get; }

    public int Rows { get; }

    public int Columns { get; }

    public IReadOnlyList<SegmentationFrame> Frames { get; }

    public string Type => Object.Value("0062,0001")!;

    public string TrackingUid => ReceivedObject.Value(Assert.Single(Object.Items("0062,0002")), "0062,0021")!;

    /// <summary>Shares 0..1, <c>[row, column]</c>, of one frame.</summary>
    public float[] Voxels(int frame)
    {
        var voxels = new float[Rows * Columns];
        if (Type == "BINARY")
        {
            // PS3.5 8.1.1 and D.1: frames run on without byte alignment, the first pixel is the lowest bit.
            for (var n = 0; n < voxels.Length; n++)
            {
                var bit = ((long)frame * voxels.Length) + n;
                voxels[n] = stored[bit >> 3] >> (int)(bit & 7) & 1;
            }
            return voxels;
        }

        float maximum = Number("0062,000e");
        for (var n = 0; n < voxels.Length; n++)
            voxels[n] = stored[((long)frame * voxels.Length) + n] / maximum;
        return voxels;
    }

    /// <summary>Shares 0..1, <c>[slice, row, column]</c>, on the grid of the source; a frame belongs where it says it was derived from.</summary>
    public float[] OnGridOf(SourceSeries source)
    {
        var size = Rows * Columns;
        var volume = new float[source.Slices.Count * size];
        for (var f = 0; f < Frames.Count; f++)
        {
            var slice = source.SliceOf(Frames[f].SourceInstanceUid);
            Voxels(f).CopyTo(volume.AsSpan(slice * size, size));
        }
        return volume;
    }

    static SegmentationFrame Frame(ReceivedObject received, XElement item)
    {
        var shared = Assert.Single(received.Items("5200,9229"));
        var derivation = Assert.Single(ReceivedObject.Items(item, "0008,9124"));
        var source = Assert.Single(ReceivedObject.Items(derivation, "0008,2112"));
        return new SegmentationFrame(
            ReceivedObject.Value(Assert.Single(ReceivedObject.Items(item, "0020,9113")), "0020,0032")!,
            ReceivedObject.Value(Assert.Single(ReceivedObject.Items(shared, "0020,9116")), "0020,0037")!,
            ReceivedObject.Value(source, "0008,1155")!);
    }

    int Number(string tag) => int.Parse(Object.Value(tag)!, CultureInfo.InvariantCulture);
}

/// <summary>Where a frame says it lies, as strings of the file, and which source instance it was made from.</summary>
sealed record SegmentationFrame(string ImagePositionPatient, string ImageOrientationPatient, string SourceInstanceUid);
