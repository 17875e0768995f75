using System.Buffers.Binary;
using System.IO.Compression;

namespace SoftSeg.Dicom;

/// <summary>Finds file meta information and data set in a file (PS3.10 7). A missing preamble, or missing meta information before a plain data set, is forgiven.</summary>
static class Part10Reader
{
    const int PreambleLength = 128;

    public static DicomFile Read(ByteSource source, DicomReadOptions options)
    {
        SkipPreamble(source);
        var meta = new DicomDataset();
        if (source.Ensure(8) && BinaryPrimitives.ReadUInt16LittleEndian(source.Available) == 2)
            meta = DatasetReader.ReadMeta(source, isExplicit: DicomVR.Lookup(source.Available[4], source.Available[5]) is not null, options);

        var syntax = meta.GetStringOrNull(DicomTag.TransferSyntaxUID) is { } uid ? DicomTransferSyntax.ForReading(uid) : Guess(source);
        var file = source;
        if (syntax.IsDeflated)
            source = ByteSource.Of(new DeflateStream(new SourceStream(source), CompressionMode.Decompress), options.MaxInflatedLength);
        try
        {
            var dataset = DatasetReader.Read(source, syntax, options);
            return DicomFile.Read(meta, dataset, syntax, file.Length, syntax.IsDeflated ? -1 : file.Position);
        }
        catch (InvalidDataException e) when (syntax.IsDeflated)
        {
            throw new DicomDataException($"The deflated data set is damaged behind byte {source.Position} of its content: {e.Message}", e);
        }
    }

    static void SkipPreamble(ByteSource source)
    {
        if (source.Ensure(PreambleLength + 4) && DicomFile.HasPreamble(source.Available))
            source.Skip(PreambleLength + 4);
        else if (source.Available.StartsWith("DICM"u8))
            source.Skip(4);
    }

    /// <summary>Without file meta information only a data set that plainly begins as one is read: with an element of group 0008 of a plausible length.</summary>
    static DicomTransferSyntax Guess(ByteSource source)
    {
        source.Ensure(ElementHeader.MaxSize);
        var start = source.Available;
        if (start.Length >= 8 && DicomVR.Lookup(start[4], start[5]) is { } vr)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(start) == 8 && DicomDictionary.ImplicitVR(0x00080000u | BinaryPrimitives.ReadUInt16LittleEndian(start[2..])) == vr)
                return DicomTransferSyntax.ExplicitVRLittleEndian;
            if (BinaryPrimitives.ReadUInt16BigEndian(start) == 8 && DicomDictionary.ImplicitVR(0x00080000u | BinaryPrimitives.ReadUInt16BigEndian(start[2..])) == vr)
                return DicomTransferSyntax.ExplicitVRBigEndian;
        }
        if (ElementHeader.TryRead(start, isExplicit: false, isBigEndian: false, out var header)
            && header.Tag >> 16 == 8 && header.VR != DicomVR.UN && header.Length <= 1024)
            return DicomTransferSyntax.ImplicitVRLittleEndian;
        throw new DicomDataException("Not a DICOM file: there is no \"DICM\" at byte 128, and the first bytes are no data element of group 0008.", default, 0);
    }

    /// <summary>The rest of a source, for the inflating stream.</summary>
    sealed class SourceStream(ByteSource source) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => source.Position; set => throw new NotSupportedException(); }
        public override int Read(Span<byte> destination) => source.Copy(destination);
        public override int Read(byte[] destination, int offset, int count) => source.Copy(destination.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();
    }
}
