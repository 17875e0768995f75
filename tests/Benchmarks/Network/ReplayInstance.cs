using System.Globalization;
using System.Text;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Benchmarks.Network;

/// <summary>One MR image as the bytes of a C-STORE message: only its UIDs change from one to the next, so that a sender costs next to nothing.</summary>
sealed class ReplayInstance
{
    const string Root = "1.2.826.0.1.3680043.2.1125.9.";
    const int Digits = 12;
    const string SopMark = "100000000001", SeriesMark = "100000000002";

    readonly byte[] message;
    readonly int[] sopPlaces, seriesPlaces;

    /// <param name="maxPdu">What the peer takes in a P-DATA-TF body.</param>
    public ReplayInstance(int rows, int columns, int frames, int maxPdu)
    {
        var dataset = Image(rows, columns, frames);
        var file = new MemoryStream();
        new DicomFile(dataset).Save(file);
        var bytes = file.GetBuffer().AsMemory(0, (int)file.Length);
        // The first element of a file is the length of the group in front of the data set.
        bytes = bytes[(144 + (int)BitConverter.ToUInt32(bytes.Span[140..]))..];
        DatasetLength = bytes.Length;
        var command = new DimseCommand
        {
            Field = CommandField.StoreRq,
            MessageId = 1,
            AffectedSopClassUid = DicomUID.MRImageStorage.Value,
            AffectedSopInstanceUid = Root + SopMark,
            HasDataSet = true,
        }.ToBytes();
        var stream = new MemoryStream();
        Pdu(stream, command, 3);
        for (var at = 0; at < bytes.Length; at += maxPdu - 6)
        {
            var piece = bytes.Slice(at, Math.Min(maxPdu - 6, bytes.Length - at));
            Pdu(stream, piece.Span, (byte)(at + piece.Length == bytes.Length ? 2 : 0));
        }
        message = stream.ToArray();
        (sopPlaces, seriesPlaces) = (Places(SopMark), Places(SeriesMark));
    }

    public int DatasetLength { get; }

    /// <summary>The message of another instance of a series; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Message(long series, int number)
    {
        Write(sopPlaces, (series * 100_000) + number);
        Write(seriesPlaces, series);
        return message;
    }

    /// <summary>An MR image with uneven values.</summary>
    public static DicomDataset Image(int rows, int columns, int frames)
    {
        var pixels = new byte[(long)rows * columns * frames * 2];
        for (var i = 0; i < pixels.Length; i += 2)
            (pixels[i], pixels[i + 1]) = ((byte)(i * 31 >> 3), (byte)(i >> 9 & 0x0F));
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage)
            .AddOrUpdate(DicomTag.SOPInstanceUID, Root + SopMark)
            .AddOrUpdate(DicomTag.Modality, "MR")
            .AddOrUpdate(DicomTag.StudyInstanceUID, Root + "1")
            .AddOrUpdate(DicomTag.SeriesInstanceUID, Root + SeriesMark)
            .AddOrUpdate(DicomTag.PatientID, "BENCH")
            .AddOrUpdate(DicomTag.SamplesPerPixel, (ushort)1)
            .AddOrUpdate(DicomTag.PhotometricInterpretation, "MONOCHROME2")
            .AddOrUpdate(DicomTag.Rows, (ushort)rows)
            .AddOrUpdate(DicomTag.Columns, (ushort)columns)
            .AddOrUpdate(DicomTag.BitsAllocated, (ushort)16)
            .AddOrUpdate(DicomTag.BitsStored, (ushort)12)
            .AddOrUpdate(DicomTag.HighBit, (ushort)11)
            .AddOrUpdate(DicomTag.PixelRepresentation, (ushort)0)
            .AddOrUpdate(DicomTag.PixelData, pixels);
        return frames == 1 ? dataset : dataset.AddOrUpdate(DicomTag.NumberOfFrames, $"{frames}");
    }

    int[] Places(string mark)
    {
        var places = new List<int>();
        var bytes = Encoding.ASCII.GetBytes(Root + mark);
        // UIDs stand in the command and in front of the pixels.
        var head = message.AsSpan(0, Math.Min(message.Length, 8192));
        for (var at = 0; head[at..].IndexOf(bytes) is >= 0 and var found; at += found + bytes.Length)
            places.Add(at + found + Root.Length);
        return [.. places];
    }

    void Write(int[] places, long number)
    {
        var digits = Encoding.ASCII.GetBytes((100_000_000_000 + number).ToString(CultureInfo.InvariantCulture)[..Digits]);
        foreach (var place in places)
            digits.CopyTo(message, place);
    }

    static void Pdu(MemoryStream stream, ReadOnlySpan<byte> bytes, byte control)
    {
        stream.Write([4, 0]);
        BigEndian(stream, bytes.Length + 6);
        BigEndian(stream, bytes.Length + 2);
        stream.Write([1, control]);
        stream.Write(bytes);
    }

    static void BigEndian(MemoryStream stream, int value) => stream.Write([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
}
