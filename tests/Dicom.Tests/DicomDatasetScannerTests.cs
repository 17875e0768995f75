using System.Buffers.Binary;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests;

public sealed class DicomDatasetScannerTests
{
    [Theory]
    [InlineData("1.2.840.10008.1.2", int.MaxValue)]
    [InlineData("1.2.840.10008.1.2.1", int.MaxValue)]
    [InlineData("1.2.840.10008.1.2.1.99", int.MaxValue)]
    [InlineData("1.2.840.10008.1.2", 1)]
    [InlineData("1.2.840.10008.1.2.1", 1)]
    [InlineData("1.2.840.10008.1.2.1", 7)]
    [InlineData("1.2.840.10008.1.2.1.99", 1)]
    [InlineData("1.2.840.10008.1.2.1.99", 100)]
    public void A_data_set_in_fragments_of_any_size_is_complete_and_tells_its_uids(string syntax, int fragment)
    {
        var phantom = Phantom.MRImage();
        var scanner = Scan(Bytes(phantom, syntax), syntax, fragment, out var complete);

        Assert.True(complete, scanner.Fault?.ToString());
        Assert.Equal(phantom.GetString(DicomTag.SOPInstanceUID), scanner.SOPInstanceUID);
        Assert.Equal(phantom.GetString(DicomTag.StudyInstanceUID), scanner.StudyInstanceUID);
        Assert.Equal(phantom.GetString(DicomTag.SeriesInstanceUID), scanner.SeriesInstanceUID);
        Assert.Equal("MR", scanner.Modality);
        Assert.True(scanner.HasReachedPixelData);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public void A_data_set_cut_anywhere_but_between_elements_is_incomplete(string syntax)
    {
        var bytes = Bytes(Phantom.MRImage(), syntax);
        var ends = 0;
        for (var length = 0; length < bytes.Length; length += length < 900 ? 1 : 97)
        {
            var scanner = Scan(bytes[..length], syntax, 50, out var complete);
            ends += complete ? 1 : 0;
            Assert.Equal(!complete, scanner.Fault is not null);
            Assert.True(length == 0 || !complete || scanner.Position == length);
        }
        Assert.InRange(ends, 5, 40);
    }

    [Fact]
    public void Truncated_pixel_data_is_a_fault_that_says_how_much_is_missing()
    {
        var bytes = Bytes(Phantom.MRImage(), "1.2.840.10008.1.2.1");
        var scanner = Scan(bytes[..^100], "1.2.840.10008.1.2.1", 512, out var complete);
        Assert.False(complete);
        Assert.Equal(DicomTag.PixelData, scanner.Fault!.Value.Tag);
        Assert.Contains("100 bytes before the end", scanner.Fault.Value.Reason);
    }

    public static TheoryData<string, string, byte[], string> Faults => new()
    {
        { "a length of FFFFFFF0", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0x00200010, 0xFFFFFFF0)], "above the limit" },
        { "explicit VR where implicit was agreed", "1.2.840.10008.1.2", Sop(true), "explicit VR where implicit VR was agreed" },
        { "implicit VR where explicit was agreed", "1.2.840.10008.1.2.1", Sop(false), "expected a value representation" },
        { "random bytes, implicit", "1.2.840.10008.1.2", Random(5000), "expected an element of group 0008" },
        { "random bytes, explicit", "1.2.840.10008.1.2.1", Random(5000), "expected an element of group 0008" },
        { "random bytes, deflated", "1.2.840.10008.1.2.1.99", Random(5000), "" },
        { "an element longer than its sequence", "1.2.840.10008.1.2",
            [.. Sop(false), .. Implicit(0x00081115, 24), .. Item(16), .. Implicit(0x0020000E, 64), .. new byte[64]], "reaches beyond the end" },
        { "an item longer than its sequence", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0x00081115, 24), .. Item(60), .. new byte[60]], "reaches beyond the end" },
        { "a delimited item that outlasts its sequence", "1.2.840.10008.1.2",
            [.. Sop(false), .. Implicit(0x00081115, 16), .. Item(uint.MaxValue), .. Implicit(0x0020000E, 0), .. Implicit(0x0020000D, 0)], "reaches beyond the end" },
        { "an element where an item should be", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0x00081115, uint.MaxValue), .. Implicit(0x0020000E, 0)], "expected an item" },
        { "a delimiter without a sequence", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0xFFFEE0DD, 0)], "expected a data element" },
        { "text of undefined length", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0x00100010, uint.MaxValue), .. Item(0)], "undefined length" },
        { "a sequence that isn't closed", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0x00081115, uint.MaxValue), .. Item(0)], "has no delimiter" },
        { "a SOP instance UID of 5000 bytes", "1.2.840.10008.1.2", [.. Sop(false), .. Implicit(0x00080018, 5000), .. new byte[5000]], "plausible" },
        { "65535 x 65535 pixels in 128 bytes", "1.2.840.10008.1.2",
            [.. Sop(false), .. Implicit(0x00280010, 2), 255, 255, .. Implicit(0x00280011, 2), 255, 255, .. Implicit(0x7FE00010, 128), .. new byte[128]], "need 4294836225" },
        { "nothing", "1.2.840.10008.1.2", [], "empty" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_broken_data_set_is_a_fault_with_a_reason(string what, string syntax, byte[] bytes, string reason)
    {
        foreach (var fragment in new[] { int.MaxValue, 1, 13 })
        {
            var scanner = Scan(bytes, syntax, fragment, out var complete);
            Assert.False(complete, what);
            Assert.Contains(reason, scanner.Fault!.Value.Reason);
            Assert.InRange(scanner.Fault.Value.Offset, 0, Math.Max(bytes.Length, 0));
        }
    }

    [Fact]
    public void A_hundred_thousand_nested_sequences_are_refused_without_using_memory()
    {
        var scanner = new DicomDatasetScanner(DicomTransferSyntax.ImplicitVRLittleEndian);
        scanner.Write(Sop(false));
        byte[] nested = [.. Implicit(0x00081115, uint.MaxValue), .. Item(uint.MaxValue)];
        scanner.Write(nested);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
            scanner.Write(nested);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        Assert.Contains("nested deeper than the limit of 64", scanner.Fault!.Value.Reason);
    }

    [Fact]
    public void Passing_pixel_data_allocates_nothing()
    {
        var scanner = new DicomDatasetScanner(DicomTransferSyntax.ImplicitVRLittleEndian);
        scanner.Write(Sop(false));
        scanner.Write(Implicit(0x7FE00010, 500_000_000));
        var fragment = new byte[100_000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 5000; i++)
            Assert.True(scanner.Write(fragment));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.True(scanner.Complete());
    }

    [Fact]
    public void A_deflate_bomb_stops_at_the_limit()
    {
        var dataset = Phantom.MRImage().AddOrUpdate(DicomTag.PixelData, new byte[50_000_000]);
        var bytes = Bytes(dataset, "1.2.840.10008.1.2.1.99");
        var scanner = new DicomDatasetScanner(DicomTransferSyntax.DeflatedExplicitVRLittleEndian, new DicomReadOptions { MaxInflatedLength = 1_000_000 });
        Assert.False(scanner.Write(bytes));
        Assert.Contains("limit of 1000000 bytes", scanner.Fault!.Value.Reason);
    }

    [Fact]
    public void Every_file_of_a_scanner_is_complete()
    {
        foreach (var path in RealFiles.All)
        {
            var file = DicomFile.Open(path, new DicomReadOptions { StopBefore = DicomTag.PixelData });
            var bytes = File.ReadAllBytes(path);
            var start = 132 + 12 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(140));
            using var scanner = new DicomDatasetScanner(file.TransferSyntax);
            scanner.Write(bytes.AsSpan(start));
            if (path.EndsWith("GH1339_jpegll.dcm", StringComparison.Ordinal))
                Assert.True(!scanner.Complete() && scanner.Fault!.Value.Reason.Contains("no delimiter")); // dcmdump says so too
            else
                Assert.True(scanner.Complete(), $"{path}: {scanner.Fault}");
            Assert.Equal(file.Dataset.GetString(DicomTag.SOPInstanceUID), scanner.SOPInstanceUID);
        }
    }

    static DicomDatasetScanner Scan(byte[] bytes, string syntax, int fragment, out bool complete)
    {
        var scanner = new DicomDatasetScanner(DicomTransferSyntax.Lookup(syntax)!);
        for (var start = 0; start < bytes.Length; start += Math.Min(fragment, bytes.Length))
            scanner.Write(bytes.AsSpan(start, Math.Min(fragment, bytes.Length - start)));
        complete = scanner.Complete();
        return scanner;
    }

    /// <summary>The data set as it goes over a network: what stands behind the file meta information.</summary>
    static byte[] Bytes(DicomDataset dataset, string syntax)
    {
        var stream = new MemoryStream();
        new DicomFile(dataset, DicomTransferSyntax.Lookup(syntax)).Save(stream);
        var file = stream.ToArray();
        return file[(144 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(140)))..];
    }

    static byte[] Sop(bool isExplicit) => isExplicit
        ? [8, 0, 0x16, 0, (byte)'U', (byte)'I', 26, 0, .. "1.2.840.10008.5.1.4.1.1.4\0"u8]
        : [.. Implicit(0x00080016, 26), .. "1.2.840.10008.5.1.4.1.1.4\0"u8];

    static byte[] Implicit(uint tag, uint length)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)tag);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), length);
        return header;
    }

    static byte[] Item(uint length) => Implicit(0xFFFEE000, length);

    static byte[] Random(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
