using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>The frames' bitstreams among the fragments of encapsulated pixel data (PS3.5 A.4).</summary>
sealed class EncapsulatedFrames
{
    readonly IList<ReadOnlyMemory<byte>> fragments;

    /// <summary>The first fragment of each frame; null where each frame has one.</summary>
    readonly List<int>? starts;

    /// <param name="extendedOffsets">Extended Offset Table (7FE0,0001): 64-bit offsets, little endian; empty where there is none.</param>
    /// <exception cref="DicomDataException">The fragments don't make up that many frames.</exception>
    public EncapsulatedFrames(DicomFragmentSequence pixelData, int frames, ReadOnlySpan<byte> extendedOffsets = default)
    {
        fragments = pixelData.Fragments;
        if (fragments.Count == 0)
            throw Fault("has no fragments: the image is missing");
        if (fragments.Count < frames)
            throw Fault($"has {fragments.Count} fragments; at least one for each of {frames} frames is expected");
        if (fragments.Count == frames)
            return;
        if (frames == 1)
        {
            starts = [0];
            return;
        }
        var offsets = extendedOffsets.Length == 8L * frames ? MemoryMarshal.Cast<byte, long>(extendedOffsets).ToArray() : [.. pixelData.OffsetTable.Select(offset => (long)offset)];
        starts = offsets.Length == frames ? StartsByOffset(fragments, offsets) : StartsByMarker(fragments);
        if (starts.Count != frames)
            throw Fault($"has {fragments.Count} fragments in which {starts.Count} frames begin; {frames} are expected");
    }

    /// <param name="frameIndex">From 0.</param>
    public ReadOnlyMemory<byte> Frame(int frameIndex) => starts is null
        ? fragments[frameIndex]
        : Join(fragments, starts[frameIndex], frameIndex + 1 < starts.Count ? starts[frameIndex + 1] : fragments.Count);

    /// <summary>By the Basic or the Extended Offset Table: offsets count from the first fragment's item tag, and each item has 8 bytes in front of its value.</summary>
    static List<int> StartsByOffset(IList<ReadOnlyMemory<byte>> fragments, long[] offsets)
    {
        var starts = new List<int>();
        var offset = 0L;
        for (var n = 0; n < fragments.Count && starts.Count < offsets.Length; n++)
        {
            if (offset == offsets[starts.Count])
                starts.Add(n);
            offset += 8 + fragments[n].Length;
        }
        return starts;
    }

    /// <summary>Without a table: a JPEG, JPEG-LS or JPEG 2000 bitstream begins with its start marker, and fragments within it hardly ever do.</summary>
    static List<int> StartsByMarker(IList<ReadOnlyMemory<byte>> fragments)
    {
        var starts = new List<int>();
        for (var n = 0; n < fragments.Count; n++)
        {
            var start = fragments[n].Span;
            if (start.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(start) is 0xFFD8 or 0xFF4F)
                starts.Add(n);
        }
        return starts;
    }

    static ReadOnlyMemory<byte> Join(IList<ReadOnlyMemory<byte>> fragments, int first, int end)
    {
        if (end - first == 1)
            return fragments[first];
        var joined = new byte[fragments.Skip(first).Take(end - first).Sum(fragment => (long)fragment.Length)];
        var at = 0;
        for (var n = first; n < end; n++)
        {
            fragments[n].CopyTo(joined.AsMemory(at));
            at += fragments[n].Length;
        }
        return joined;
    }

    static DicomDataException Fault(string what) => new($"PixelData (7FE0,0010) {what}. Send the image again.", DicomTag.PixelData);
}
