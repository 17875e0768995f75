namespace SoftSeg.Dicom;

// Private attributes (PS3.5 7.8.1): an element (gggg,00bb) of VR LO with the creator's name reserves the elements (gggg,bb00-bbFF).
public sealed partial class DicomDataset
{
    /// <summary>The tag of a creator's private attribute in this data set; null when the creator has no block in the group.</summary>
    /// <param name="creator">The creator's name, as "SIEMENS MR HEADER".</param>
    /// <param name="group">An odd group.</param>
    /// <param name="element">The last two digits of the element, as 0x0C for (0019,xx0C).</param>
    public DicomTag? PrivateTag(string creator, ushort group, byte element) =>
        FindBlock(creator, group) is { } block ? new DicomTag(group, (ushort)((block << 8) | element)) : null;

    /// <summary>As <see cref="PrivateTag"/>; a creator that has no block yet gets the first free one.</summary>
    /// <exception cref="DicomDataException">The group is even, or all its blocks are taken.</exception>
    public DicomTag ReservePrivateTag(string creator, ushort group, byte element)
    {
        if ((group & 1) == 0 || group <= 8)
            throw new DicomDataException($"Group {group:X4} is not for private attributes.", new DicomTag(group, 0x10));
        if (PrivateTag(creator, group, element) is { } tag)
            return tag;
        for (ushort block = 0x10; block <= 0xFF; block++)
        {
            if (Contains(new DicomTag(group, block)))
                continue;
            AddOrUpdate(DicomVR.LO, new DicomTag(group, block), creator);
            return new DicomTag(group, (ushort)((block << 8) | element));
        }
        throw new DicomDataException($"All private blocks of group {group:X4} are taken.", new DicomTag(group, 0x10));
    }

    /// <summary>The creator that reserved the block of a private tag, or null.</summary>
    public string? PrivateCreatorOf(DicomTag tag) =>
        tag.IsPrivate && tag.Element >= 0x1000 ? GetStringOrNull(new DicomTag(tag.Group, (ushort)(tag.Element >> 8))) : null;

    ushort? FindBlock(string creator, ushort group)
    {
        for (var i = 0; i < count; i++)
        {
            var tag = new DicomTag(slots[i].Tag);
            if (tag.Group == group && tag.IsPrivateCreator && ItemAt(i) is DicomElement element && element.GetText(CharacterSet) == creator)
                return tag.Element;
        }
        return null;
    }
}
