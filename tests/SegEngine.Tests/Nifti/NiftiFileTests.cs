using System.Buffers.Binary;
using System.IO.Compression;

namespace SoftSeg.SegEngine.Tests.Nifti;

public sealed class NiftiFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("softseg-nifti").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static TheoryData<short, bool> StoredForms()
    {
        var forms = new TheoryData<short, bool>();
        foreach (var type in Enum.GetValues<NiftiDataType>())
        {
            forms.Add((short)type, false);
            forms.Add((short)type, true);
        }
        return forms;
    }

    [Theory]
    [MemberData(nameof(StoredForms))]
    public void Every_data_type_of_either_byte_order_is_read_and_scaled(short type, bool bigEndian)
    {
        var file = new NiftiBytes(2, 3, 2) { Type = (NiftiDataType)type, BigEndian = bigEndian, Slope = 2, Intercept = -5 };
        var volume = NiftiFile.Read(Write("a.nii", file.ToArray()));
        Assert.Equal((2, 3, 2), (volume.Slices, volume.Rows, volume.Columns));
        for (var n = 0; n < 12; n++)
            Assert.Equal((n * 2) - 5, volume.Voxels[n]);
    }

    [Fact]
    public void The_sform_is_taken_before_the_qform_and_becomes_LPS()
    {
        var file = new NiftiBytes(4, 4, 4) { SCode = 1, QCode = 1, SRow = [-1, 0, 0, 10, 0, 0, 2, 20, 0, 3, 0, 30] };
        NiftiFile.Read(Write("a.nii", file.ToArray()), out var header);
        Assert.Equal("sform", header.AffineSource);
        Assert.Equal(new Vector3(-10, -20, 30), header.Affine.Origin);
        Assert.Equal(new Vector3(1, 0, 0), header.Affine.ColumnStep);
        Assert.Equal(new Vector3(0, 0, 3), header.Affine.RowStep);
        Assert.Equal(new Vector3(0, -2, 0), header.Affine.SliceStep);
    }

    [Fact]
    public void The_qform_turns_by_its_quaternion_and_flips_k_by_pixdim0()
    {
        // A quarter turn about z (i becomes +y, j becomes -x in RAS) with k flipped.
        var half = (float)Math.Sqrt(0.5);
        var file = new NiftiBytes(4, 4, 4) { QCode = 1, Quaternion = [0, 0, half, 1, 2, 3], PixDim = [-1, 2, 3, 4] };
        NiftiFile.Read(Write("a.nii", file.ToArray()), out var header);
        Assert.Equal("qform", header.AffineSource);
        Near(new Vector3(-1, -2, 3), header.Affine.Origin);
        Near(new Vector3(0, -2, 0), header.Affine.ColumnStep);
        Near(new Vector3(3, 0, 0), header.Affine.RowStep);
        Near(new Vector3(0, 0, -4), header.Affine.SliceStep);
    }

    [Fact]
    public void Without_sform_and_qform_the_spacing_is_taken_from_pixdim()
    {
        NiftiFile.Read(Write("a.nii", new NiftiBytes(4, 4, 4) { PixDim = [1, 0.5f, 0.6f, 3] }.ToArray()), out var header);
        Assert.Equal("pixdim", header.AffineSource);
        Assert.Equal(0.5, header.Affine.Spacing.Column, 1e-6);
        Assert.Equal(0.6, header.Affine.Spacing.Row, 1e-6);
        Assert.Equal(3, header.Affine.Spacing.Slice, 1e-6);
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1)]
    [InlineData(3, 0.001)]
    public void Metres_and_micrometres_become_millimetres(byte unit, double factor)
    {
        NiftiFile.Read(Write("a.nii", new NiftiBytes(4, 4, 4) { Units = (byte)(unit | 8), PixDim = [1, 5, 5, 5] }.ToArray()), out var header);
        Assert.Equal(5 * factor, header.Affine.Spacing.Row, 1e-6 * factor);
    }

    [Theory]
    [InlineData("a.nii")]
    [InlineData("a.nii.gz")]
    public void A_mask_written_for_an_image_keeps_its_sform_and_qform_bit_for_bit(string name)
    {
        float[] sRow = [0.1f, -0.99999f, 0.003f, 7.77f, 0.99f, 0.1f, 0.01f, -3.1f, 0.02f, 0.03f, 3.3f, 1e-3f];
        float[] quaternion = [0.11f, 0.22f, 0.33f, 4.4f, 5.5f, 6.6f];
        var image = new NiftiBytes(2, 3, 4) { SCode = 3, QCode = 2, SRow = sRow, Quaternion = quaternion, PixDim = [-1, 0.7f, 0.8f, 3.1f] };
        var volume = NiftiFile.Read(Write("image.nii", image.ToArray()), out var header);
        var path = Path.Combine(_folder, name);
        NiftiFile.Write(path, volume.LikeThis(), header);
        var bytes = Content(path);
        Assert.Equal(image.ToArray()[76..108], bytes[76..108]);
        Assert.Equal(image.ToArray()[252..328], bytes[252..328]);
        Assert.Equal(16, BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(70)));
        Assert.Equal(header.Affine, NiftiFile.Read(path).Affine);
    }

    [Fact]
    public void Any_grid_is_written_and_read_back_in_all_axis_orders()
    {
        foreach (var volume in Phantom.InAllAxisOrders(Phantom.Asymmetric(2, 3, 4, Phantom.Turned(3, 0.5, 0.7, 12, -7, 20, new Vector3(-31, 8, 112)))))
        {
            var path = Path.Combine(_folder, "order.nii.gz");
            NiftiFile.Write(path, volume);
            var back = NiftiFile.Read(path, out var header);
            Assert.Equal(volume.Voxels, back.Voxels);
            Near(volume.Affine, back.Affine, 1e-4);
            // The qform says the same as the sform.
            var bytes = Content(path);
            bytes[254] = 0;
            NiftiFile.Read(Write("q.nii", bytes), out var qHeader);
            Assert.Equal(("sform", "qform"), (header.AffineSource, qHeader.AffineSource));
            Near(volume.Affine, qHeader.Affine, 1e-4);
        }
    }

    [Fact]
    public void Trailing_axes_of_length_1_are_accepted()
    {
        var bytes = new NiftiBytes(2, 3, 4).ToArray();
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(40), 5);
        Assert.Equal(2, NiftiFile.Read(Write("a.nii", bytes)).Slices);
    }

    [Fact]
    public void Several_volumes_in_one_file_are_refused_with_their_number()
    {
        var bytes = new NiftiBytes(2, 3, 4).ToArray();
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(40), 4);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(48), 6);
        Assert.Contains("4 x 3 x 2 x 6", Refused(bytes));
    }

    [Fact]
    public void The_mean_of_several_volumes_is_read_where_it_is_asked_for()
    {
        var bytes = new NiftiBytes(2, 1, 1) { Type = NiftiDataType.UInt8 }.ToArray();
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(40), 4);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(48), 3);
        byte[] file = [.. bytes[..352], 1, 10, 2, 20, 6, 60];
        var mean = NiftiFile.ReadMean(Write("mean.nii", file));
        Assert.Equal(2, mean.Voxels.Length);
        Assert.Equal(10, mean.Voxels.Max() / mean.Voxels.Min(), 3);
        Assert.Contains("too short", Assert.Throws<InvalidDataException>(() => NiftiFile.ReadMean(Write("cut.nii", file[..356]))).Message);
    }

    [Fact]
    public void Voxels_that_are_no_numbers_are_refused_with_their_count()
    {
        var bytes = new NiftiBytes(2, 3, 2) { Type = NiftiDataType.Float32 }.ToArray();
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(352), float.NaN);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(360), float.PositiveInfinity);
        Assert.Contains("2 of 12 voxels are not finite", Refused(bytes));
    }

    [Fact]
    public void Files_that_are_not_whole_NIfTI_1_are_refused_with_the_reason()
    {
        var good = new NiftiBytes(20, 30, 40).ToArray();
        Assert.Contains("too short", Refused(good[..1000]));
        Assert.Contains("ends too early", Refused(Gzip(good[..40000])));
        Assert.Contains("ends too early", Refused(good[..100]));
        Assert.Contains("NIfTI-2", Refused(With(good, 0, 540)));
        Assert.Contains("not NIfTI-1", Refused(With(good, 0, 99)));
        Assert.Contains("data type 128", Refused(With(good, 70, 128)));
        Assert.Contains("dim[2] is 0", Refused(With(good, 44, 0)));
        Assert.Contains("header/image pair", Refused(With(good, 345, (byte)'i')));
        Assert.Contains("a.nii", Refused(good[..1000]));

        static byte[] With(byte[] bytes, int at, short value)
        {
            var copy = bytes.ToArray();
            if (at == 345)
                copy[at] = (byte)value;
            else
                BinaryPrimitives.WriteInt16LittleEndian(copy.AsSpan(at), value);
            return copy;
        }
    }

    [Fact]
    public void A_small_file_that_announces_a_huge_volume_is_refused_before_memory_is_taken()
    {
        var bytes = new NiftiBytes(1, 1, 1).ToArray();
        foreach (var at in new[] { 42, 44, 46 })
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), 2000);
        Assert.Contains("too short", Refused(bytes));
        Assert.Contains("too short", Refused(Gzip(bytes)));
    }

    [Fact]
    public void A_header_of_another_grid_is_refused()
    {
        NiftiFile.Read(Write("a.nii", new NiftiBytes(2, 3, 4).ToArray()), out var header);
        var other = Phantom.Asymmetric(2, 3, 5, Phantom.Spaced(1, 1, 1));
        Assert.Throws<ArgumentException>(() => NiftiFile.Write(Path.Combine(_folder, "m.nii"), other, header));
        Assert.Equal(["a.nii"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_real_sagittal_and_a_real_axial_volume_lie_where_their_headers_say()
    {
        // Without real volumes the same is asked of files with such geometries made here.
        var data = Environment.GetEnvironmentVariable("SOFTSEG_TESTDATA");
        var sagittal = data is not { Length: > 0 } ? SagittalFile() : Path.Combine(data, "train/errsm_11/t2.nii.gz");
        var axial = data is not { Length: > 0 } ? AxialFile() : Path.Combine(data, "train/gmc_9418/run-1_T2starw.nii.gz");
        foreach (var path in new[] { sagittal, axial })
        {
            var volume = NiftiFile.Read(path, out var header);
            var bytes = Content(path);
            float S(int n) => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(280 + (4 * n)));
            Assert.Equal("sform", header.AffineSource);
            var (s, r, c) = (volume.Slices - 1, volume.Rows / 2, 1);
            double Ras(int row) => (S(4 * row) * (double)c) + (S((4 * row) + 1) * (double)r) + (S((4 * row) + 2) * (double)s) + S((4 * row) + 3);
            Near(new Vector3(-Ras(0), -Ras(1), Ras(2)), volume.Affine.ToPatient(s, r, c), 1e-9);
            Assert.True(volume.Voxels.Max() > volume.Voxels.Min());
        }

        string SagittalFile() => Write("sagittal.nii.gz", Gzip(new NiftiBytes(5, 9, 7) { SCode = 1, SRow = [0, 0, 1, -20, -0.9f, 0.1f, 0, 40, 0.1f, 0.9f, 0, -33] }.ToArray()));
        string AxialFile() => Write("axial.nii.gz", Gzip(new NiftiBytes(5, 9, 7) { SCode = 1, SRow = [-0.5f, 0, 0, 20, 0, 0.5f, 0.2f, 40, 0, -0.1f, 2.5f, -33] }.ToArray()));
    }

    string Refused(byte[] bytes) => Assert.Throws<InvalidDataException>(() => NiftiFile.Read(Write("a.nii", bytes))).Message;

    static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return memory.ToArray();
    }

    static byte[] Content(string path)
    {
        using var stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : (Stream)File.OpenRead(path);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    static void Near(Vector3 expected, Vector3 actual, double tolerance = 1e-5) => Assert.True((expected - actual).Length < tolerance, $"{expected} is not {actual}");

    static void Near(Affine expected, Affine actual, double tolerance)
    {
        Near(expected.Origin, actual.Origin, tolerance);
        Near(expected.SliceStep, actual.SliceStep, tolerance);
        Near(expected.RowStep, actual.RowStep, tolerance);
        Near(expected.ColumnStep, actual.ColumnStep, tolerance);
    }

    /// <summary>A NIfTI-1 file byte by byte, as nifti1.h lays it out; voxel n holds the value n.</summary>
    sealed class NiftiBytes(short slices, short rows, short columns)
    {
        public NiftiDataType Type { get; init; } = NiftiDataType.Int16;
        public bool BigEndian { get; init; }
        public float Slope { get; init; }
        public float Intercept { get; init; }
        public short QCode { get; init; }
        public short SCode { get; init; }
        public byte Units { get; init; } = 2;
        public float[] PixDim { get; init; } = [1, 1, 1, 1];
        public float[] Quaternion { get; init; } = new float[6];
        public float[] SRow { get; init; } = new float[12];

        public byte[] ToArray()
        {
            var size = Type switch
            {
                NiftiDataType.UInt8 or NiftiDataType.Int8 => 1,
                NiftiDataType.Int16 or NiftiDataType.UInt16 => 2,
                NiftiDataType.Int64 or NiftiDataType.UInt64 or NiftiDataType.Float64 => 8,
                _ => 4,
            };
            var bytes = new byte[352 + (slices * rows * columns * size)];
            Put(0, 348, 4);
            short[] dim = [3, columns, rows, slices, 1, 1, 1, 1];
            for (var n = 0; n < 8; n++)
                Put(40 + (2 * n), dim[n], 2);
            Put(70, (short)Type, 2);
            for (var n = 0; n < 8; n++)
                Single(76 + (4 * n), n < PixDim.Length ? PixDim[n] : 0);
            Single(108, 352);
            Single(112, Slope);
            Single(116, Intercept);
            bytes[123] = Units;
            Put(252, QCode, 2);
            Put(254, SCode, 2);
            for (var n = 0; n < 6; n++)
                Single(256 + (4 * n), Quaternion[n]);
            for (var n = 0; n < 12; n++)
                Single(280 + (4 * n), SRow[n]);
            "n+1\0"u8.CopyTo(bytes.AsSpan(344));
            for (var n = 0; n < slices * rows * columns; n++)
            {
                var at = 352 + (n * size);
                if (Type == NiftiDataType.Float32)
                    Single(at, n);
                else if (Type == NiftiDataType.Float64)
                    Put(at, BitConverter.DoubleToInt64Bits(n), 8);
                else
                    Put(at, Type == NiftiDataType.UInt8 || Type == NiftiDataType.Int8 ? (sbyte)n : n, size);
            }
            return bytes;

            void Single(int at, float value) => Put(at, BitConverter.SingleToInt32Bits(value), 4);

            void Put(int at, long value, int length)
            {
                for (var n = 0; n < length; n++)
                    bytes[at + (BigEndian ? length - 1 - n : n)] = (byte)(value >> (8 * n));
            }
        }
    }
}
