using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.Fuzz.Targets;

/// <summary>A codec on one frame. The first three bytes of the input are rows, columns and bits; the rest is the bitstream.</summary>
sealed class CodecTarget(string name, DicomTransferSyntax syntax, string seeds) : Target
{
    public static new IReadOnlyList<CodecTarget> All { get; } =
    [
        new("rle", DicomTransferSyntax.RLELossless, "rle*"),
        new("jpeg-dct", DicomTransferSyntax.JPEGExtended12Bit, "jpeg-dct*"),
        new("jpeg-ll", DicomTransferSyntax.JPEGLossless, "jpeg-ll*"),
        new("jpeg-ls", DicomTransferSyntax.JPEGLSLossless, "jpeg-ls*"),
        new("jpeg-2000", DicomTransferSyntax.JPEG2000, "jpeg-2000*"),
    ];

    public override string Name => name;

    /// <summary>Markers of JPEG (ITU-T T.81 table B.1), JPEG-LS and JPEG 2000 (T.800 table A.2).</summary>
    public override IReadOnlyList<byte[]> Words { get; } = name == "rle" ? [] :
    [
        .. new byte[]
        {
            0xC0, 0xC1, 0xC3, 0xC4, 0xD0, 0xD1, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, 0xF7, 0xF8, 0xFE,
            0x4F, 0x51, 0x52, 0x53, 0x55, 0x57, 0x58, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61, 0x64, 0x90, 0x91, 0x92, 0x93,
        }.Select(marker => new byte[] { 0xFF, marker }),
    ];

    public override IEnumerable<byte[]> Seeds() => SeedFiles(seeds);

    public override void Run(byte[] input)
    {
        if (input.Length < 3)
            return;
        var (rows, columns, bits) = ((input[0] & 0x7F) + 1, (input[1] & 0x7F) + 1, input[2] is var b && b % 16 == 0 ? 16 : b % 16);
        var pixelData = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
        pixelData.Fragments.Add(input.AsMemory(3));
        var instance = new DicomDataset()
            .AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
            .AddOrUpdate(DicomTag.Rows, (ushort)rows)
            .AddOrUpdate(DicomTag.Columns, (ushort)columns)
            .AddOrUpdate(DicomTag.BitsAllocated, (ushort)(bits > 8 ? 16 : 8))
            .AddOrUpdate(DicomTag.BitsStored, (ushort)bits)
            .AddOrUpdate(DicomTag.HighBit, (ushort)(bits - 1))
            .AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0)
            .AddOrUpdate(pixelData);
        PixelData.ReadFrame(instance, 0, new float[rows * columns], syntax);
    }
}
