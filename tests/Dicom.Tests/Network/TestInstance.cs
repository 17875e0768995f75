using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>
/// Bytes of an MR instance made without the library under test, so that they may also be wrong. Elements come out in the order in which they are added.
/// </summary>
sealed class TestInstance(bool isExplicit = true)
{
    public const string MRImageStorage = "1.2.840.10008.5.1.4.1.1.4";
    public const string ImplicitLittle = "1.2.840.10008.1.2";
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";

    readonly ArrayBufferWriter<byte> _bytes = new();

    public string SopInstanceUid { get; private set; } = "";

    public string SyntaxUid => isExplicit ? ExplicitLittle : ImplicitLittle;

    /// <summary>A small MR image with all the UIDs and some pixels.</summary>
    public static TestInstance MR(int number = 1, bool isExplicit = true, int rows = 16, int columns = 16)
    {
        var instance = new TestInstance(isExplicit) { SopInstanceUid = $"1.2.826.0.1.3680043.2.1125.7.{number}" };
        byte[] pixels = new byte[rows * columns * 2];
        new Random(number).NextBytes(pixels);
        return instance
            .Add(0x0008, 0x0016, "UI", MRImageStorage)
            .Add(0x0008, 0x0018, "UI", instance.SopInstanceUid)
            .Add(0x0008, 0x0060, "CS", "MR")
            .Add(0x0010, 0x0010, "PN", "Phantom^Spine")
            .Add(0x0020, 0x000D, "UI", "1.2.826.0.1.3680043.2.1125.7")
            .Add(0x0020, 0x000E, "UI", "1.2.826.0.1.3680043.2.1125.7.0")
            .Add(0x0028, 0x0010, "US", BitConverter.GetBytes((ushort)rows))
            .Add(0x0028, 0x0011, "US", BitConverter.GetBytes((ushort)columns))
            .Add(0x0028, 0x0100, "US", BitConverter.GetBytes((ushort)16))
            .Add(0x7FE0, 0x0010, "OW", pixels);
    }

    public TestInstance Add(ushort group, ushort element, string vr, string text)
    {
        byte[] value = Encoding.ASCII.GetBytes(text);
        if (value.Length % 2 == 1)
            value = [.. value, vr == "UI" ? (byte)0 : (byte)' '];
        return Add(group, element, vr, value);
    }

    public TestInstance Add(ushort group, ushort element, string vr, byte[] value, uint? announced = null)
    {
        Span<byte> header = stackalloc byte[12];
        uint length = announced ?? (uint)value.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(header, group);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], element);
        if (!isExplicit)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], length);
            _bytes.Write(header[..8]);
        }
        else if (vr is "OB" or "OW" or "SQ" or "UN" or "UT")
        {
            Encoding.ASCII.GetBytes(vr, header[4..]);
            header[6] = header[7] = 0;
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], length);
            _bytes.Write(header);
        }
        else
        {
            Encoding.ASCII.GetBytes(vr, header[4..]);
            BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)length);
            _bytes.Write(header[..8]);
        }
        _bytes.Write(value);
        return this;
    }

    /// <summary>Anything at all.</summary>
    public TestInstance Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public byte[] DataSet() => _bytes.WrittenSpan.ToArray();

    /// <summary>A Part 10 file in <paramref name="folder"/>.</summary>
    public string Save(string folder)
    {
        var meta = new TestInstance()
            .Add(0x0002, 0x0001, "OB", [0, 1])
            .Add(0x0002, 0x0002, "UI", MRImageStorage)
            .Add(0x0002, 0x0003, "UI", SopInstanceUid)
            .Add(0x0002, 0x0010, "UI", SyntaxUid)
            .Add(0x0002, 0x0012, "UI", "1.2.826.0.1.3680043.2.1125")
            .DataSet();
        var length = new TestInstance().Add(0x0002, 0x0000, "UL", BitConverter.GetBytes(meta.Length)).DataSet();
        string path = Path.Combine(folder, $"{SopInstanceUid}.dcm");
        File.WriteAllBytes(path, [.. new byte[128], .. "DICM"u8, .. length, .. meta, .. DataSet()]);
        return path;
    }

    /// <summary>The data set bytes of a Part 10 file.</summary>
    public static byte[] DataSetOf(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.True(file.AsSpan(128).StartsWith("DICM"u8));
        return file[(144 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(140)))..];
    }
}
