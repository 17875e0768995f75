using System.Buffers.Binary;
using System.IO.Compression;

namespace SoftSeg.Dicom;

/// <summary>Writes preamble, file meta information and data set (PS3.10 7).</summary>
static class Part10Writer
{
    public static void Write(Stream stream, DicomFile file)
    {
        var syntax = file.TransferSyntax;
        if (syntax.IsBigEndian)
            throw new DicomDataException("Explicit VR Big Endian is retired and only read: set TransferSyntax to another one before saving.");
        stream.Write(new byte[128]);
        stream.Write("DICM"u8);
        WriteMeta(stream, file);
        if (!syntax.IsDeflated)
        {
            DatasetWriter.Write(stream, file.Dataset, syntax.IsExplicitVR, syntax.IsEncapsulated);
            return;
        }
        var deflated = new MemoryStream();
        using (var deflate = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
            DatasetWriter.Write(deflate, file.Dataset, isExplicit: true, isEncapsulated: false);
        if ((deflated.Length & 1) != 0)
            deflated.WriteByte(0);
        deflated.WriteTo(stream);
    }

    static void WriteMeta(Stream stream, DicomFile file)
    {
        var meta = file.FileMetaInfo.Clone();
        meta.AddOrUpdate(DicomTag.FileMetaInformationVersion, new byte[] { 0, 1 });
        meta.AddOrUpdate(DicomTag.MediaStorageSOPClassUID, Identity(file, DicomTag.SOPClassUID, DicomTag.MediaStorageSOPClassUID));
        meta.AddOrUpdate(DicomTag.MediaStorageSOPInstanceUID, Identity(file, DicomTag.SOPInstanceUID, DicomTag.MediaStorageSOPInstanceUID));
        meta.AddOrUpdate(DicomTag.TransferSyntaxUID, file.TransferSyntax.UID);
        meta.AddOrUpdate(DicomTag.ImplementationClassUID, DicomFile.ImplementationClassUID);
        meta.AddOrUpdate(DicomTag.ImplementationVersionName, DicomFile.ImplementationVersionName);
        GroupLength.Write(stream, meta, DicomTag.FileMetaInformationGroupLength, isExplicit: true);
    }

    static string Identity(DicomFile file, DicomTag tag, DicomTag metaTag) =>
        file.Dataset.GetStringOrNull(tag) ?? file.FileMetaInfo.GetStringOrNull(metaTag)
        ?? throw new DicomDataException($"{tag.Describe()} is missing: a file must have it.", tag);
}

/// <summary>A group that begins with its length in bytes: the file meta information and the command set.</summary>
static class GroupLength
{
    public static void Write(Stream stream, DicomDataset group, DicomTag tag, bool isExplicit)
    {
        var rest = new MemoryStream();
        DatasetWriter.Write(rest, group, isExplicit, isEncapsulated: false);
        Span<byte> length = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(length, tag.Group);
        if (isExplicit)
        {
            "UL"u8.CopyTo(length[4..]);
            length[6] = 4;
        }
        else
            length[4] = 4;
        BinaryPrimitives.WriteUInt32LittleEndian(length[8..], (uint)rest.Length);
        stream.Write(length);
        rest.WriteTo(stream);
    }
}
