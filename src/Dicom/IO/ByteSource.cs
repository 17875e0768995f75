using Microsoft.Win32.SafeHandles;

namespace SoftSeg.Dicom;

/// <summary>
/// The bytes of a file or stream as arrays that are filled once and then belong to the values found in them. Never allocates what a length field says
/// before the bytes are known to be there.
/// </summary>
sealed class ByteSource
{
    /// <summary>Files up to this size are read at once.</summary>
    const int WholeFile = 4 << 20;

    const int FirstChunk = 16 << 10, LargestChunk = 256 << 10, FirstLargeValue = 1 << 20;

    readonly SafeFileHandle? file;
    readonly Stream? stream;

    readonly long length;

    /// <summary>The most that may come; beyond it the source is refused.</summary>
    readonly long maxLength;

    byte[] buffer;
    int start, end;

    /// <summary>Offset of the buffer's first byte.</summary>
    long bufferOffset;

    int nextChunk = FirstChunk;

    ByteSource(SafeFileHandle? file, Stream? stream, byte[] buffer, int end, long length, long maxLength = long.MaxValue) =>
        (this.file, this.stream, this.buffer, this.end, this.length, this.maxLength) = (file, stream, buffer, end, length, maxLength);

    /// <summary>Bytes that are all there; the data set's values refer to them.</summary>
    public static ByteSource Of(byte[] bytes) => new(null, null, bytes, bytes.Length, bytes.Length) { IsShared = true };

    /// <param name="partly">Reading will stop early, so that little is read at a time.</param>
    public static ByteSource Of(SafeFileHandle file, bool partly)
    {
        var length = RandomAccess.GetLength(file);
        var source = new ByteSource(file, null, [], 0, length);
        if (!partly && length <= WholeFile)
            source.nextChunk = (int)length;
        return source;
    }

    /// <summary>A stream from its current position on.</summary>
    public static ByteSource Of(Stream stream, long maxLength = long.MaxValue) =>
        new(null, stream, [], 0, stream.CanSeek ? stream.Length - stream.Position : -1, maxLength);

    /// <summary>Bytes of the file or stream from its beginning; -1 when unknown.</summary>
    public long Length => length;

    /// <summary>The bytes belong to the caller and must not be changed.</summary>
    public bool IsShared { get; private init; }

    /// <summary>Offset of the next byte from the source's beginning.</summary>
    public long Position => bufferOffset + start;

    /// <summary>Bytes that are in memory.</summary>
    public ReadOnlySpan<byte> Available => buffer.AsSpan(start, end - start);

    /// <summary>Whether this source has more than this many bytes; only asked of sources of known length.</summary>
    long? Remaining => length < 0 ? null : length - Position;

    public void Skip(int count) => start += count;

    /// <summary>Makes at least <paramref name="count"/> bytes available; false when the source ends before.</summary>
    public bool Ensure(int count)
    {
        if (end - start >= count)
            return true;
        if (Remaining < count)
            count = (int)Remaining.Value;
        if (end - start >= count)
            return false;
        var fresh = GC.AllocateUninitializedArray<byte>(ChunkFor(count));
        var kept = end - start;
        buffer.AsSpan(start, kept).CopyTo(fresh);
        (bufferOffset, start, end, buffer) = (Position, 0, kept, fresh);
        nextChunk = Math.Min(nextChunk * 2, LargestChunk);
        while (end < count)
        {
            var read = Read(fresh.AsSpan(end));
            if (read == 0)
                return false;
            end += read;
        }
        return length < 0 || end - start >= count;
    }

    /// <summary>Takes a value; false when the source ends before its end.</summary>
    public bool TryTake(int count, out byte[] array, out int offset)
    {
        (array, offset) = (buffer, start);
        if (end - start >= count)
        {
            start += count;
            return true;
        }
        if (Remaining < count)
            return false;
        if (count > nextChunk / 2)
        {
            offset = 0;
            return TryTakeLarge(count, out array);
        }
        if (!Ensure(count))
            return false;
        (array, offset) = (buffer, start);
        start += count;
        return true;
    }

    /// <summary>Copies bytes out, as for a decoder; 0 at the end.</summary>
    public int Copy(Span<byte> destination)
    {
        if (start == end && !Ensure(1))
            return 0;
        var count = Math.Min(destination.Length, end - start);
        buffer.AsSpan(start, count).CopyTo(destination);
        start += count;
        return count;
    }

    bool TryTakeLarge(int count, out byte[] array)
    {
        // A source of unknown length must show its bytes before it gets the memory for them.
        array = GC.AllocateUninitializedArray<byte>(length >= 0 ? count : Math.Min(count, FirstLargeValue));
        var filled = end - start;
        buffer.AsSpan(start, filled).CopyTo(array);
        var position = Position;
        while (filled < count)
        {
            if (filled == array.Length)
                Array.Resize(ref array, (int)Math.Min(count, array.Length * 2L));
            (bufferOffset, start, end) = (position + filled, 0, 0);
            var read = Read(array.AsSpan(filled));
            if (read == 0)
                return false;
            filled += read;
        }
        (bufferOffset, start, end, buffer) = (position + count, 0, 0, []);
        return true;
    }

    int ChunkFor(int count)
    {
        var chunk = Math.Max(nextChunk, count);
        return Remaining is { } remaining ? (int)Math.Min(chunk, remaining) : chunk;
    }

    /// <summary>Fills from the position behind <see cref="end"/>.</summary>
    int Read(Span<byte> destination)
    {
        var position = bufferOffset + end;
        var read = file is not null ? RandomAccess.Read(file, destination, position) : stream?.Read(destination) ?? 0;
        if (position + read > maxLength)
            throw new DicomDataException($"The data set is longer than the limit of {maxLength} bytes.", default, position);
        return read;
    }
}
