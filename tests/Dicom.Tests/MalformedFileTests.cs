using System.Buffers.Binary;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests;

public sealed class MalformedFileTests
{
    [Theory]
    [MemberData(nameof(DicomDatasetScannerTests.Faults), MemberType = typeof(DicomDatasetScannerTests))]
    public void What_the_scanner_refuses_is_no_file_either(string what, string syntax, byte[] dataset, string reason)
    {
        // Plausibility of values is for the scanner, which sees what comes from a network: the reader reports where structure breaks.
        if (reason is "plausible" or "empty" || reason.StartsWith("need", StringComparison.Ordinal))
            return;
        var error = Assert.Throws<DicomDataException>(() => DicomFile.Open(WithDataSet(PhantomFile(DicomTransferSyntax.Lookup(syntax)!), dataset)));
        Assert.True(error.Message.Length > 20, what);
    }

    [Fact]
    public void A_fault_names_offset_attribute_and_what_was_expected()
    {
        var file = PhantomFile(DicomTransferSyntax.ExplicitVRLittleEndian);
        var pixels = file.Length - (32 * 32 * 2) - 12;
        var error = Assert.Throws<DicomDataException>(() => DicomFile.Open(file[..^10]));
        Assert.Equal(DicomTag.PixelData, error.Tag);
        Assert.Equal(pixels, error.Offset);
        Assert.Equal($"Byte {pixels}: (7FE0,0010) PixelData: its length is 2048 bytes, but the stream ends before.", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("just some text that is longer than a header")]
    public void What_is_no_DICOM_file_is_refused_as_such(string text)
    {
        var error = Assert.Throws<DicomDataException>(() => DicomFile.Open(System.Text.Encoding.ASCII.GetBytes(text)));
        Assert.StartsWith("Not a DICOM file", error.Message);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public void A_data_set_without_preamble_and_meta_information_is_read(string syntax)
    {
        var file = PhantomFile(DicomTransferSyntax.Lookup(syntax)!);
        var dataset = DicomFile.Open(file[(144 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(140)))..]);
        Assert.Equal(syntax, dataset.TransferSyntax.UID.Value);
        Assert.Equal("P-1", dataset.Dataset.GetString(DicomTag.PatientID));
        Assert.Equal("P-1", DicomFile.Open(file[128..]).Dataset.GetString(DicomTag.PatientID));
        Assert.Equal("P-1", DicomFile.Open(file[132..]).Dataset.GetString(DicomTag.PatientID));
    }

    [Fact]
    public void A_wrong_group_length_of_the_meta_information_is_forgiven()
    {
        var file = PhantomFile(DicomTransferSyntax.ExplicitVRLittleEndian);
        foreach (var length in new[] { 0, 10, 100_000, -1 })
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(140), length);
            Assert.Equal("P-1", DicomFile.Open(file).Dataset.GetString(DicomTag.PatientID));
        }
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.2")]
    [InlineData("1.2.840.10008.1.2.4.70")]
    public void Damaged_bytes_are_read_or_refused_but_never_fail_otherwise(string syntax)
    {
        var random = new Random(2);
        var original = PhantomFile(DicomTransferSyntax.Lookup(syntax)!);
        for (var round = 0; round < 3000; round++)
        {
            var file = original[..(round % 3 == 0 ? random.Next(original.Length) : original.Length)];
            for (var i = 0; i < round % 5 && file.Length > 132; i++)
                file[random.Next(132, Math.Min(file.Length, 1200))] = (byte)random.Next(256);
            try
            {
                var dataset = DicomFile.Open(round % 2 == 0 ? new MemoryStream(file) : new NonSeekableStream(file)).Dataset;
                foreach (var item in dataset)
                    if (item is DicomElement && !item.ValueRepresentation.IsText)
                        _ = dataset.GetBytes(item.Tag);
                    else if (item is DicomElement)
                        _ = dataset.GetString(item.Tag);
            }
            catch (DicomDataException e)
            {
                Assert.NotEqual("", e.Message);
            }
        }
    }

    [Fact]
    public void A_length_that_the_stream_does_not_have_takes_no_memory()
    {
        var file = PhantomFile(DicomTransferSyntax.ExplicitVRLittleEndian);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(file.Length - (32 * 32 * 2) - 4), 2_000_000_000);
        foreach (var stream in new Stream[] { new MemoryStream(file), new NonSeekableStream(file) })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<DicomDataException>(() => DicomFile.Open(stream));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public void A_deflate_bomb_stops_at_the_limit()
    {
        var stream = new MemoryStream();
        new DicomFile(Phantom.MRImage().AddOrUpdate(DicomTag.PixelData, new byte[100_000_000]), DicomTransferSyntax.DeflatedExplicitVRLittleEndian).Save(stream);
        Assert.InRange(stream.Length, 0, 1_000_000);
        var bytes = stream.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<DicomDataException>(() => DicomFile.Open(bytes, new DicomReadOptions { MaxInflatedLength = 5_000_000 }));
        Assert.Contains("limit of 5000000 bytes", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000_000);
    }

    [Fact]
    public void Deep_nesting_is_refused_without_recursion_and_read_where_it_is_allowed()
    {
        byte[] level = [0x40, 0, 0x30, 0xA7, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
        byte[] end = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
        byte[] dataset = [.. Enumerable.Repeat(level, 100_000).SelectMany(b => b), .. Enumerable.Repeat(end, 100_000).SelectMany(b => b)];
        var file = WithDataSet(PhantomFile(DicomTransferSyntax.ImplicitVRLittleEndian), dataset);

        Assert.Contains("nested deeper than the limit of 64", Assert.Throws<DicomDataException>(() => DicomFile.Open(file)).Message);

        var nested = DicomFile.Open(file, new DicomReadOptions { MaxSequenceDepth = 100_000 }).Dataset;
        var depth = 0;
        while (nested.GetSequence(DicomTag.ContentSequence) is [var item])
            (nested, depth) = (item, depth + 1);
        Assert.Equal(100_000, depth);
    }

    [Fact]
    public void Elements_out_of_order_are_put_in_order_and_the_first_of_two_counts()
    {
        byte[] dataset =
        [
            0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 2, 0, (byte)'B', (byte)' ',
            0x08, 0, 0x60, 0, (byte)'C', (byte)'S', 2, 0, (byte)'M', (byte)'R',
            0x10, 0, 0x20, 0, (byte)'L', (byte)'O', 2, 0, (byte)'C', (byte)' ',
        ];
        var read = DicomFile.Open(WithDataSet(PhantomFile(DicomTransferSyntax.ExplicitVRLittleEndian), dataset)).Dataset;
        Assert.Equal([DicomTag.Modality, DicomTag.PatientID], read.Select(item => item.Tag));
        Assert.Equal("B", read.GetString(DicomTag.PatientID));
    }

    [Fact]
    public void A_sequence_kept_as_UN_is_read_as_implicit_VR()
    {
        byte[] item = [0xFE, 0xFF, 0, 0xE0, 10, 0, 0, 0, 0x08, 0, 0x60, 0, 2, 0, 0, 0, (byte)'M', (byte)'R'];
        byte[] Element(uint length, params byte[] rest) => [0x09, 0, 0x10, 0x10, (byte)'U', (byte)'N', 0, 0, .. BitConverter.GetBytes(length), .. item, .. rest];
        var meta = PhantomFile(DicomTransferSyntax.ExplicitVRLittleEndian);
        var tag = new DicomTag(0x0009, 0x1010);

        var defined = DicomFile.Open(WithDataSet(meta, Element(18))).Dataset;
        Assert.Equal("MR", defined.GetSequence(tag)[0].GetString(DicomTag.Modality));
        var undefined = DicomFile.Open(WithDataSet(meta, Element(uint.MaxValue, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0))).Dataset;
        Assert.Equal("MR", undefined.GetSequence(tag)[0].GetString(DicomTag.Modality));
    }

    static byte[] PhantomFile(DicomTransferSyntax syntax)
    {
        var dataset = Phantom.MRImage();
        if (syntax.IsEncapsulated)
        {
            var pixels = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
            pixels.OffsetTable.Add(0);
            pixels.Fragments.Add(new byte[100]);
            dataset.AddOrUpdate(pixels);
        }
        var stream = new MemoryStream();
        // Big endian isn't written: the meta information is all that is needed of it.
        var file = new DicomFile(dataset, syntax.IsBigEndian ? DicomTransferSyntax.ExplicitVRLittleEndian : syntax);
        file.Save(stream);
        var bytes = stream.ToArray();
        var uid = System.Text.Encoding.ASCII.GetBytes("1.2.840.10008.1.2.1\0");
        if (syntax.IsBigEndian)
            bytes[bytes.AsSpan().IndexOf(uid) + uid.Length - 2] = (byte)'2';
        return bytes;
    }

    static byte[] WithDataSet(byte[] file, byte[] dataset) =>
        [.. file.AsSpan(0, 144 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(140))), .. dataset];

    sealed class NonSeekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 100)]);
    }
}
