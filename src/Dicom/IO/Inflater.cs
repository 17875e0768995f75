using System.IO.Compression;

namespace SoftSeg.Dicom;

/// <summary>Inflates a deflate stream (RFC 1951) that arrives in fragments, in constant memory.</summary>
sealed class Inflater : IDisposable
{
    public delegate bool Sink(ReadOnlySpan<byte> inflated);

    readonly Window window = new();
    readonly DeflateStream deflate;
    readonly byte[] output = new byte[16 << 10];
    readonly long maxLength;
    long length;

    public Inflater(long maxLength) => (this.maxLength, deflate) = (maxLength, new DeflateStream(window, CompressionMode.Decompress));

    /// <summary>Inflates what can be and hands it on; a reason when that is not possible. Ends early when the sink says so.</summary>
    public string? Feed(ReadOnlySpan<byte> fragment, Sink sink)
    {
        try
        {
            while (!fragment.IsEmpty)
            {
                fragment = window.Fill(fragment);
                while (deflate.Read(output) is var count and > 0)
                {
                    if ((length += count) > maxLength)
                        return $"the data set inflates to more than the limit of {maxLength} bytes.";
                    if (!sink(output.AsSpan(0, count)))
                        return null;
                }
            }
            return null;
        }
        catch (InvalidDataException e)
        {
            return "the deflated data set is damaged: " + e.Message;
        }
    }

    public void Dispose() => deflate.Dispose();

    /// <summary>The part of a fragment that the inflating stream may read. At its end that stream waits for more.</summary>
    sealed class Window : Stream
    {
        readonly byte[] bytes = new byte[16 << 10];
        int start, end;

        /// <returns>What didn't fit.</returns>
        public ReadOnlySpan<byte> Fill(ReadOnlySpan<byte> fragment)
        {
            (start, end) = (0, Math.Min(fragment.Length, bytes.Length));
            fragment[..end].CopyTo(bytes);
            return fragment[end..];
        }

        public override int Read(Span<byte> destination)
        {
            var count = Math.Min(destination.Length, end - start);
            bytes.AsSpan(start, count).CopyTo(destination);
            start += count;
            return count;
        }

        public override int Read(byte[] destination, int offset, int count) => Read(destination.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] source, int offset, int count) => throw new NotSupportedException();
    }
}
