namespace SoftSeg.Dicom;

/// <summary>The command elements of a DIMSE message: always implicit VR little endian, with a group length (PS3.7 6.3).</summary>
public static class DicomCommandSet
{
    static readonly DicomReadOptions options = new() { MaxSequenceDepth = 1, MaxElements = 1000 };

    /// <exception cref="DicomDataException">The bytes are no data set, or hold an element that isn't of group 0000.</exception>
    public static DicomDataset Decode(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var command = DatasetReader.Read(ByteSource.Of(bytes), DicomTransferSyntax.ImplicitVRLittleEndian, options);
        foreach (var slot in command.Slots)
            if (slot.Tag >> 16 != 0)
                throw new DicomDataException($"{new DicomTag(slot.Tag).Describe()} is no command element.", new DicomTag(slot.Tag));
        return command;
    }

    public static DicomDataset Decode(ReadOnlySpan<byte> bytes) => Decode(bytes.ToArray());

    public static byte[] Encode(DicomDataset command)
    {
        var stream = new MemoryStream();
        GroupLength.Write(stream, command, DicomTag.CommandGroupLength, isExplicit: false);
        return stream.ToArray();
    }
}
