using SoftSeg.Dicom;
using SoftSeg.DicomReader;

namespace SoftSeg.Fuzz.Targets;

/// <summary>Data sets as bytes: the first byte of the input says in which transfer syntax.</summary>
static class DatasetBytes
{
    public static IReadOnlyList<DicomTransferSyntax> Syntaxes { get; } =
    [
        DicomTransferSyntax.ExplicitVRLittleEndian, DicomTransferSyntax.ImplicitVRLittleEndian, DicomTransferSyntax.ExplicitVRBigEndian,
        DicomTransferSyntax.DeflatedExplicitVRLittleEndian, DicomTransferSyntax.RLELossless,
    ];

    /// <summary>Delimiters, value representations with either form of length, and a few tags, little endian.</summary>
    public static IReadOnlyList<byte[]> Words { get; } =
    [
        [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0], [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0],
        [0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'W', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [0x40, 0x00, 0x75, 0x02, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        .. "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".Split(' ').Select(vr => (byte[])[(byte)vr[0], (byte)vr[1]]),
        "ISO 2022 IR 87"u8.ToArray(), "ISO_IR 192"u8.ToArray(), "GB18030"u8.ToArray(), [0x1B, (byte)'$', (byte)'B'], [0x1B, (byte)'(', (byte)'J'],
    ];

    public static IEnumerable<byte[]> Seeds()
    {
        for (byte syntax = 0; syntax < Syntaxes.Count; syntax++)
        {
            if (Syntaxes[syntax].IsBigEndian)
            {
                yield return [syntax, .. bigEndian];
                continue;
            }
            var bytes = new MemoryStream();
            var dataset = SeedImages.Classic(0);
            if (Syntaxes[syntax].IsEncapsulated)
            {
                var pixelData = new DicomFragmentSequence(DicomTag.PixelData, DicomVR.OB);
                pixelData.Fragments.Add(new byte[64 + 8]);
                dataset.AddOrUpdate(pixelData);
            }
            new DicomFile(dataset, Syntaxes[syntax]).Save(bytes);
            yield return [syntax, .. Dataset(bytes)];
        }
    }

    /// <summary>Big endian is read and not written: Modality, a sequence with an item, Rows, and pixel data by hand.</summary>
    static readonly byte[] bigEndian =
    [
        0x00, 0x08, 0x00, 0x60, (byte)'C', (byte)'S', 0, 2, (byte)'M', (byte)'R',
        0x00, 0x08, 0x11, 0x40, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFE, 0xE0, 0x00, 0, 0, 0, 12, 0x00, 0x08, 0x11, 0x55, (byte)'U', (byte)'I', 0, 4, (byte)'1', (byte)'.', (byte)'2', 0,
        0xFF, 0xFE, 0xE0, 0xDD, 0, 0, 0, 0,
        0x00, 0x28, 0x00, 0x10, (byte)'U', (byte)'S', 0, 2, 0, 2,
        0x7F, 0xE0, 0x00, 0x10, (byte)'O', (byte)'W', 0, 0, 0, 0, 0, 4, 1, 2, 3, 4,
    ];

    /// <summary>The input as a file: behind a good file meta group.</summary>
    public static byte[] File(byte[] input) => [.. Meta(Syntax(input)), .. input.AsSpan(1)];

    public static DicomTransferSyntax Syntax(byte[] input) => Syntaxes[input[0] % Syntaxes.Count];

    static readonly Dictionary<string, byte[]> metas = [];

    /// <summary>Preamble, group length, and the transfer syntax alone: more is not needed to read.</summary>
    static byte[] Meta(DicomTransferSyntax syntax)
    {
        if (metas.TryGetValue(syntax.UID.Value, out var meta))
            return meta;
        var uid = System.Text.Encoding.ASCII.GetBytes(syntax.UID.Value.Length % 2 == 0 ? syntax.UID.Value : syntax.UID.Value + '\0');
        return metas[syntax.UID.Value] =
        [
            .. new byte[128], .. "DICM"u8, 2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0, .. BitConverter.GetBytes(8 + uid.Length),
            2, 0, 0x10, 0, (byte)'U', (byte)'I', (byte)uid.Length, 0, .. uid,
        ];
    }

    static byte[] Dataset(MemoryStream file)
    {
        var bytes = file.ToArray();
        // (0002,0000) is the first element: its value is the length of the group behind it.
        return bytes[(144 + (int)BitConverter.ToUInt32(bytes, 140))..];
    }
}

/// <summary>A file is read, every value looked at as text and as numbers, and written again.</summary>
sealed class DatasetTarget : Target
{
    public override string Name => "data-set";
    public override IReadOnlyList<byte[]> Words => DatasetBytes.Words;
    public override IEnumerable<byte[]> Seeds() => DatasetBytes.Seeds();

    public override void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        var file = DicomFile.Open(DatasetBytes.File(input), new DicomReadOptions { MaxInflatedLength = 1 << 20 });
        foreach (var item in file.Dataset)
        {
            Look(() => file.Dataset.GetStrings(item.Tag));
            Look(() => file.Dataset.GetDoubles(item.Tag));
        }
        if (!file.TransferSyntax.IsBigEndian)
            file.Save(Stream.Null);

        static void Look<T>(Func<T> read)
        {
            try
            {
                _ = read();
            }
            catch (DicomDataException)
            {
            }
        }
    }
}

/// <summary>What receiving does with a data set: in pieces, holding next to nothing.</summary>
sealed class ScannerTarget : Target
{
    public override string Name => "scanner";
    public override IReadOnlyList<byte[]> Words => DatasetBytes.Words;
    public override IEnumerable<byte[]> Seeds() => DatasetBytes.Seeds();

    public override void Run(byte[] input)
    {
        if (input.Length == 0)
            return;
        using var scanner = new DicomDatasetScanner(DatasetBytes.Syntax(input), new DicomReadOptions { MaxInflatedLength = 1 << 20 });
        var piece = 1 + (input.Length % 97);
        for (var at = 1; at < input.Length && scanner.Write(input.AsSpan(at, Math.Min(piece, input.Length - at))); at += piece)
        {
        }
        var isWhole = scanner.Complete();
        if (isWhole != scanner.Fault is null)
            throw new InvalidOperationException($"The scanner says {isWhole}, and the fault is {scanner.Fault}.");
        // What the scanner passes, the reader must read: the spool keeps it.
        if (isWhole && DatasetBytes.Syntax(input).IsDeflated is false)
            DicomFile.Open(DatasetBytes.File(input));
    }
}

/// <summary>Volumes out of images whose headers are bent.</summary>
sealed class SeriesTarget : Target
{
    public override string Name => "series";
    public override IReadOnlyList<byte[]> Words => DatasetBytes.Words;

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var image in new[] { SeedImages.Classic(0), SeedImages.Enhanced(), SeedImages.Mosaic() })
        {
            var bytes = new MemoryStream();
            new DicomFile(image).Save(bytes);
            yield return bytes.ToArray();
        }
    }

    public override void Run(byte[] input)
    {
        var dataset = DicomFile.Open(input).Dataset;
        var (good, options) = (SeedImages.Classic(1), new SeriesReaderOptions { MaxVoxels = 1 << 20 });
        // Bad input makes refusals, never an exception.
        try
        {
            SeriesReader.Read([dataset, good], options);
        }
        catch (DicomDataException e)
        {
            throw new InvalidOperationException($"The reader threw: {e.Message}", e);
        }
    }
}
