using System.Buffers.Binary;

namespace SoftSeg.SegEngine;

/// <summary>
/// The geometry of a NIfTI-1 file, kept as the file has it, so that a mask written for an image carries the same
/// sform and qform bit for bit.
/// </summary>
public sealed class NiftiHeader
{
    internal const int Size = 348;

    readonly float[] _pixDim;
    readonly float[] _quaternion; // b, c, d, x, y, z
    readonly float[] _sRow;       // srow_x, srow_y, srow_z
    readonly byte _units;

    NiftiHeader(int[] axes, NiftiDataType dataType, float[] pixDim, int qFormCode, int sFormCode, float[] quaternion, float[] sRow, byte units)
    {
        (Axes, DataType, _pixDim, QFormCode, SFormCode) = (axes, dataType, pixDim, qFormCode, sFormCode);
        (_quaternion, _sRow, _units) = (quaternion, sRow, units);
        (Affine, AffineSource) = ChooseAffine();
    }

    /// <summary>Lengths of the axes as in the file, the fastest (i) first; trailing axes of length 1 are left out.</summary>
    public IReadOnlyList<int> Axes { get; }

    public int Columns => Axes[0];

    public int Rows => Axes.Count > 1 ? Axes[1] : 1;

    public int Slices => Axes.Count > 2 ? Axes[2] : 1;

    /// <summary>How the voxels are stored.</summary>
    public NiftiDataType DataType { get; }

    public int QFormCode { get; }

    public int SFormCode { get; }

    /// <summary>Voxel index (slice = k, row = j, column = i) to patient LPS mm.</summary>
    public Affine Affine { get; }

    /// <summary>Where <see cref="Affine"/> comes from: "sform", "qform" or "pixdim".</summary>
    public string AffineSource { get; }

    internal bool BigEndian { get; private init; }

    internal long DataOffset { get; private init; }

    internal double Slope { get; private init; } = 1;

    internal double Intercept { get; private init; }

    /// <summary>How many volumes follow each other in the file: 1 unless it has a fourth axis (time, diffusion).</summary>
    internal long Volumes { get; private init; } = 1;

    /// <summary>A header for a grid that did not come from a NIfTI file: sform, and qform where the axes are perpendicular.</summary>
    public static NiftiHeader ForGrid(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var (origin, k, j, i) = volume.Affine;
        // LPS to RAS: x and y change sign.
        float[] sRow =
        [
            (float)-i.X, (float)-j.X, (float)-k.X, (float)-origin.X,
            (float)-i.Y, (float)-j.Y, (float)-k.Y, (float)-origin.Y,
            (float)i.Z, (float)j.Z, (float)k.Z, (float)origin.Z,
        ];
        var (quaternion, factor) = NiftiQuaternion.FromSteps(Ras(i), Ras(j), Ras(k));
        float[] pixDim = [factor, (float)i.Length, (float)j.Length, (float)k.Length, 1, 1, 1, 1];
        float[] q = quaternion is { } b
            ? [b.B, b.C, b.D, (float)-origin.X, (float)-origin.Y, (float)origin.Z]
            : new float[6];
        return new NiftiHeader([volume.Columns, volume.Rows, volume.Slices], NiftiDataType.Float32, pixDim,
            quaternion is null ? 0 : 1, 1, q, sRow, units: 2);
    }

    /// <summary>Reads the 348 bytes of a NIfTI-1 header of either byte order.</summary>
    /// <exception cref="InvalidDataException">Not NIfTI-1, or a form that is not supported; the message says which.</exception>
    internal static NiftiHeader Parse(ReadOnlySpan<byte> bytes)
    {
        var bigEndian = BinaryPrimitives.ReadInt32BigEndian(bytes) == Size;
        if (!bigEndian && BinaryPrimitives.ReadInt32LittleEndian(bytes) != Size)
        {
            var nifti2 = BinaryPrimitives.ReadInt32LittleEndian(bytes) == 540 || BinaryPrimitives.ReadInt32BigEndian(bytes) == 540;
            throw new InvalidDataException(nifti2
                ? "it is NIfTI-2; convert it to NIfTI-1 (.nii or .nii.gz)"
                : "it is not NIfTI-1 (the header does not begin with 348)");
        }
        var magic = bytes.Slice(344, 4);
        if (magic.SequenceEqual("ni1\0"u8))
            throw new InvalidDataException("it is the .hdr of a header/image pair; convert it to one .nii or .nii.gz file");
        if (!magic.SequenceEqual("n+1\0"u8))
            throw new InvalidDataException("it has no NIfTI-1 magic 'n+1' (an Analyze 7.5 file carries no orientation)");

        var reader = new HeaderReader(bytes, bigEndian);
        var axisCount = reader.Int16(40);
        if (axisCount is < 1 or > 7)
            throw new InvalidDataException($"dim[0] is {axisCount}, and must be 1..7");
        var axes = new List<int>();
        for (var a = 1; a <= axisCount; a++)
        {
            int length = reader.Int16(40 + (2 * a));
            if (length < 1)
                throw new InvalidDataException($"dim[{a}] is {length}, and must be at least 1");
            axes.Add(length);
        }
        while (axes.Count > 3 && axes[^1] == 1)
            axes.RemoveAt(axes.Count - 1);
        var slope = reader.Single(112);
        var intercept = reader.Single(116);
        // NIfTI-1: a slope of 0 (or not a number) means no scaling.
        if (!float.IsFinite(slope) || slope == 0)
            (slope, intercept) = (1, 0);
        if (!float.IsFinite(intercept))
            intercept = 0;
        var offset = reader.Single(108);
        if (!float.IsFinite(offset))
            throw new InvalidDataException($"vox_offset is {offset}, and must be a number of bytes");
        return new NiftiHeader([.. axes.Take(3)], (NiftiDataType)reader.Int16(70), reader.Singles(76, 8), reader.Int16(252), reader.Int16(254),
            reader.Singles(256, 6), reader.Singles(280, 12), bytes[123])
        {
            BigEndian = bigEndian,
            DataOffset = (long)Math.Max(352, offset),
            Slope = slope,
            Intercept = intercept,
            Volumes = axes.Skip(3).Aggregate(1L, (product, length) => product * length),
        };
    }

    /// <summary>The first 352 bytes of a little-endian .nii file that holds float32 voxels on this grid.</summary>
    internal byte[] ToFloat32File()
    {
        var bytes = new byte[352];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteInt32LittleEndian(span, Size);
        bytes[38] = (byte)'r';
        BinaryPrimitives.WriteInt16LittleEndian(span[40..], 3);
        int[] lengths = [Columns, Rows, Slices, 1, 1, 1, 1];
        for (var a = 0; a < lengths.Length; a++)
            BinaryPrimitives.WriteInt16LittleEndian(span[(42 + (2 * a))..], (short)lengths[a]);
        BinaryPrimitives.WriteInt16LittleEndian(span[70..], (short)NiftiDataType.Float32);
        BinaryPrimitives.WriteInt16LittleEndian(span[72..], 32);
        Write(span[76..], _pixDim);
        BinaryPrimitives.WriteSingleLittleEndian(span[108..], 352);
        BinaryPrimitives.WriteSingleLittleEndian(span[112..], 1);
        bytes[123] = _units;
        "SoftSeg"u8.CopyTo(span[148..]);
        BinaryPrimitives.WriteInt16LittleEndian(span[252..], (short)QFormCode);
        BinaryPrimitives.WriteInt16LittleEndian(span[254..], (short)SFormCode);
        Write(span[256..], _quaternion);
        Write(span[280..], _sRow);
        "n+1\0"u8.CopyTo(span[344..]);
        return bytes;

        static void Write(Span<byte> to, float[] values)
        {
            for (var n = 0; n < values.Length; n++)
                BinaryPrimitives.WriteSingleLittleEndian(to[(4 * n)..], values[n]);
        }
    }

    (Affine Affine, string Source) ChooseAffine()
    {
        // xyzt_units, bits 0..2: 1 metre, 2 millimetre, 3 micrometre; 0 is unknown and taken as millimetres.
        var unit = (_units & 7) switch { 1 => 1000.0, 3 => 0.001, _ => 1.0 };
        if (SFormCode > 0)
        {
            Vector3 Column(int n) => Ras(new Vector3(_sRow[n], _sRow[4 + n], _sRow[8 + n])) * unit;
            var sForm = new Affine(Column(3), Column(2), Column(1), Column(0));
            if (Invertible(sForm))
                return (sForm, "sform");
        }
        if (!(_pixDim[1] > 0))
            throw new InvalidDataException($"pixdim[1] is {_pixDim[1]}, and a spacing must be positive");
        var spacing = new double[3];
        for (var a = 0; a < 3; a++)
        {
            spacing[a] = Math.Abs(_pixDim[1 + a]) * unit;
            if (spacing[a] == 0 && a >= Axes.Count)
                spacing[a] = unit;
        }
        if (QFormCode > 0)
        {
            var (i, j, k) = NiftiQuaternion.ToDirections(_quaternion[0], _quaternion[1], _quaternion[2], _pixDim[0] < 0);
            var qForm = new Affine(Ras(new Vector3(_quaternion[3], _quaternion[4], _quaternion[5])) * unit,
                Ras(k) * spacing[2], Ras(j) * spacing[1], Ras(i) * spacing[0]);
            if (Invertible(qForm))
                return (qForm, "qform");
        }
        // NIfTI-1 method 1: no orientation is known, the axes are taken as RAS.
        var plain = new Affine(Vector3.Zero, new Vector3(0, 0, spacing[2]), new Vector3(0, -spacing[1], 0), new Vector3(-spacing[0], 0, 0));
        return Invertible(plain)
            ? (plain, "pixdim")
            : throw new InvalidDataException($"it has no usable orientation: sform, qform and pixdim ({spacing[0]}, {spacing[1]}, {spacing[2]}) have no inverse");
    }

    static bool Invertible(Affine affine) => double.IsFinite(affine.VoxelVolume) && affine.VoxelVolume > 1e-12;

    /// <summary>RAS to LPS and back: x and y change sign.</summary>
    static Vector3 Ras(Vector3 v) => new(-v.X, -v.Y, v.Z);

    readonly ref struct HeaderReader(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        readonly ReadOnlySpan<byte> _bytes = bytes;

        public short Int16(int at) => bigEndian
            ? BinaryPrimitives.ReadInt16BigEndian(_bytes[at..])
            : BinaryPrimitives.ReadInt16LittleEndian(_bytes[at..]);

        public float Single(int at) => bigEndian
            ? BinaryPrimitives.ReadSingleBigEndian(_bytes[at..])
            : BinaryPrimitives.ReadSingleLittleEndian(_bytes[at..]);

        public float[] Singles(int at, int count)
        {
            var values = new float[count];
            for (var n = 0; n < count; n++)
                values[n] = Single(at + (4 * n));
            return values;
        }
    }
}
