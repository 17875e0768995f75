using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace SoftSeg.SegEngine;

/// <summary>How a NIfTI-1 file stores its voxels (nifti1.h, <c>datatype</c>).</summary>
public enum NiftiDataType : short
{
    UInt8 = 2,
    Int16 = 4,
    Int32 = 8,
    Float32 = 16,
    Float64 = 64,
    Int8 = 256,
    UInt16 = 512,
    UInt32 = 768,
    Int64 = 1024,
    UInt64 = 1280,
}

/// <summary>NIfTI-1 files (.nii, .nii.gz). Their RAS coordinates become LPS here and nowhere else.</summary>
public static class NiftiFile
{
    /// <inheritdoc cref="Read(string, out NiftiHeader)"/>
    public static Volume Read(string path) => Read(path, out _);

    /// <summary>Reads one volume: the file's axes i, j, k are column, row and slice.</summary>
    /// <param name="path">A .nii or .nii.gz file; compression is recognised by its content.</param>
    /// <param name="header">The geometry as in the file, for writing a mask on the same grid.</param>
    /// <exception cref="InvalidDataException">The file cannot be used; the message names it and says why.</exception>
    public static Volume Read(string path, out NiftiHeader header) => Read(path, mean: false, out header);

    /// <summary>Reads the mean over all volumes of a file with a fourth axis (time, diffusion directions); of a file with one volume, that.</summary>
    /// <inheritdoc cref="Read(string, out NiftiHeader)"/>
    public static Volume ReadMean(string path) => Read(path, mean: true, out _);

    static Volume Read(string path, bool mean, out NiftiHeader header)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            var compressed = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            using var stream = compressed ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            var bytes = new byte[NiftiHeader.Size];
            stream.ReadExactly(bytes);
            header = NiftiHeader.Parse(bytes);
            if (header.Volumes > 1 && !mean)
                throw new InvalidDataException($"it holds several volumes ({string.Join(" x ", header.Axes)} x {header.Volumes}); one 3-D volume is expected: split it first");
            var size = SizeOf(header.DataType);
            var count = (long)header.Slices * header.Rows * header.Columns;
            // Deflate cannot expand more than 1032 times: a short file that announces a huge volume costs no memory.
            var available = compressed ? file.Length * 1032 : file.Length;
            if (header.DataOffset + ((Int128)count * header.Volumes * size) > available || count > Array.MaxLength)
                throw new InvalidDataException($"it is too short for {header.Columns} x {header.Rows} x {header.Slices} voxels of {size} bytes");
            Skip(stream, header.DataOffset - NiftiHeader.Size);
            var voxels = new float[count];
            ReadVoxels(stream, header, size, voxels);
            if (header.Volumes > 1)
                AddUp(stream, header, size, voxels);
            RefuseNotFinite(voxels);
            return new Volume(voxels, header.Slices, header.Rows, header.Columns, header.Affine);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"'{path}' cannot be read as NIfTI: it ends too early (truncated?).", e);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' cannot be read as NIfTI: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Writes float32 voxels; compressed where the name ends in .gz.</summary>
    /// <param name="path">The file; it appears under this name only when it is complete.</param>
    /// <param name="volume">The voxels.</param>
    /// <param name="like">The header of the image on whose grid the volume lies: sform and qform are taken over exactly.</param>
    /// <exception cref="ArgumentException">The header is of another grid.</exception>
    public static void Write(string path, Volume volume, NiftiHeader? like = null)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (Math.Max(volume.Slices, Math.Max(volume.Rows, volume.Columns)) > short.MaxValue)
            throw new ArgumentException("NIfTI-1 holds at most 32767 voxels along an axis.", nameof(volume));
        var header = like ?? NiftiHeader.ForGrid(volume);
        if (header.Slices != volume.Slices || header.Rows != volume.Rows || header.Columns != volume.Columns)
            throw new ArgumentException($"The header is of another grid: {header.Slices} x {header.Rows} x {header.Columns}, not {volume.Slices} x {volume.Rows} x {volume.Columns}.", nameof(like));
        var part = path + ".part";
        try
        {
            using (var file = File.Create(part))
            using (var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
            {
                stream.Write(header.ToFloat32File());
                WriteSingles(stream, volume.Voxels);
            }
            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    static int SizeOf(NiftiDataType type) => type switch
    {
        NiftiDataType.UInt8 or NiftiDataType.Int8 => 1,
        NiftiDataType.Int16 or NiftiDataType.UInt16 => 2,
        NiftiDataType.Int32 or NiftiDataType.UInt32 or NiftiDataType.Float32 => 4,
        NiftiDataType.Int64 or NiftiDataType.UInt64 or NiftiDataType.Float64 => 8,
        _ => throw new InvalidDataException($"its voxels have data type {(short)type} (complex, colour or extended precision), and integers or float32/float64 are expected"),
    };

    /// <summary>Reads the volumes after the first and makes <paramref name="mean"/>, which holds that one, the mean of all.</summary>
    static void AddUp(Stream stream, NiftiHeader header, int size, float[] mean)
    {
        var next = new float[mean.Length];
        for (var volume = 1; volume < header.Volumes; volume++)
        {
            ReadVoxels(stream, header, size, next);
            for (var n = 0; n < mean.Length; n++)
                mean[n] += next[n];
        }
        for (var n = 0; n < mean.Length; n++)
            mean[n] /= header.Volumes;
    }

    static void ReadVoxels(Stream stream, NiftiHeader header, int size, float[] voxels)
    {
        var buffer = new byte[1 << 16];
        for (var done = 0; done < voxels.Length;)
        {
            var count = Math.Min(buffer.Length / size, voxels.Length - done);
            var chunk = buffer.AsSpan(0, count * size);
            stream.ReadExactly(chunk);
            if (header.BigEndian)
            {
                for (var at = 0; size > 1 && at < chunk.Length; at += size)
                    chunk.Slice(at, size).Reverse();
            }
            Convert(chunk, header, voxels.AsSpan(done, count));
            done += count;
        }
    }

    static void Convert(ReadOnlySpan<byte> bytes, NiftiHeader header, Span<float> voxels)
    {
        switch (header.DataType)
        {
            case NiftiDataType.UInt8: Scale<byte>(bytes, header, voxels, v => v); break;
            case NiftiDataType.Int8: Scale<sbyte>(bytes, header, voxels, v => v); break;
            case NiftiDataType.Int16: Scale<short>(bytes, header, voxels, v => v); break;
            case NiftiDataType.UInt16: Scale<ushort>(bytes, header, voxels, v => v); break;
            case NiftiDataType.Int32: Scale<int>(bytes, header, voxels, v => v); break;
            case NiftiDataType.UInt32: Scale<uint>(bytes, header, voxels, v => v); break;
            case NiftiDataType.Int64: Scale<long>(bytes, header, voxels, v => v); break;
            case NiftiDataType.UInt64: Scale<ulong>(bytes, header, voxels, v => v); break;
            case NiftiDataType.Float32: Scale<float>(bytes, header, voxels, v => v); break;
            default: Scale<double>(bytes, header, voxels, v => v); break;
        }
    }

    static void Scale<T>(ReadOnlySpan<byte> bytes, NiftiHeader header, Span<float> voxels, Func<T, double> value) where T : unmanaged
    {
        var stored = MemoryMarshal.Cast<byte, T>(bytes);
        for (var n = 0; n < voxels.Length; n++)
            voxels[n] = (float)((value(stored[n]) * header.Slope) + header.Intercept);
    }

    static void RefuseNotFinite(float[] voxels)
    {
        var count = 0;
        foreach (var voxel in voxels)
        {
            if (!float.IsFinite(voxel))
                count++;
        }
        if (count > 0)
            throw new InvalidDataException($"{count} of {voxels.Length} voxels are not finite numbers (NaN or infinite)");
    }

    static void Skip(Stream stream, long count)
    {
        Span<byte> buffer = stackalloc byte[256];
        while (count > 0)
        {
            var chunk = buffer[..(int)Math.Min(buffer.Length, count)];
            stream.ReadExactly(chunk);
            count -= chunk.Length;
        }
    }

    static void WriteSingles(Stream stream, float[] voxels)
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(voxels.AsSpan()));
            return;
        }
        Span<byte> buffer = stackalloc byte[4];
        foreach (var voxel in voxels)
        {
            BinaryPrimitives.WriteSingleLittleEndian(buffer, voxel);
            stream.Write(buffer);
        }
    }
}
