using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// Cuts a peer's bytes into PDUs. Control PDUs come whole (their lengths are checked before they are waited for); P-DATA-TF comes as
/// pieces of its PDVs while they arrive, straight from the pipe's buffers.
/// </summary>
sealed class PduReader(PipeReader pipe, DicomLimits limits) : IDisposable
{
    // A piece waits for this much (or the end of its PDV): enough that a write to disk is worth its system call.
    const int PieceSize = 64 * 1024;

    readonly ReadDeadline _deadline = new(pipe);
    long _pduLeft;
    long _pdvLeft;
    byte _contextId;
    byte _control;
    bool _insideMessage;
    ReadOnlySequence<byte> _buffer;
    long _consumed;
    bool _holdsBuffer;
    long _messageBytes;
    TimeSpan _messageWait;

    /// <summary>Type of the PDU read last; null where the peer closed the connection between two PDUs.</summary>
    public PduType? Type { get; private set; }

    /// <summary>The whole body of a control PDU, or a piece of a PDV. Valid until the next read.</summary>
    public ReadOnlySequence<byte> Body { get; private set; }

    /// <summary>The body of a control PDU in one span.</summary>
    public ReadOnlySpan<byte> ContiguousBody() => Body.IsSingleSegment ? Body.FirstSpan : Body.ToArray();

    /// <summary>Presentation context of the piece.</summary>
    public byte ContextId => _contextId;

    /// <summary>The piece belongs to a command set, not a data set.</summary>
    public bool IsCommand => (_control & 1) != 0;

    /// <summary>The piece is the end of its command set or data set.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Nothing has come of the next PDU or message: a wait that ends here leaves the association whole.</summary>
    public bool IsBetweenPdus => _pduLeft == 0 && !_insideMessage && (!_holdsBuffer || _buffer.Length == _consumed);

    /// <summary>All bytes that the peer sent.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Reads the next control PDU or piece of a PDV.</summary>
    /// <param name="wait">Longest wait for the next PDU, and for the whole of a control PDU.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DicomProtocolException">The bytes are no PDU, or break a limit.</exception>
    /// <exception cref="DicomTimeoutException">The peer is silent or too slow.</exception>
    /// <exception cref="DicomConnectionClosedException">The connection ended inside a PDU.</exception>
    public async ValueTask ReadAsync(TimeSpan wait, CancellationToken cancellation)
    {
        Release();
        long start = Stopwatch.GetTimestamp();
        if (_pduLeft == 0 && !await ReadHeaderAsync(start, wait, cancellation))
            return;
        if (_pdvLeft == 0 && Type == PduType.Data)
            await ReadPdvHeaderAsync(cancellation);
        if (Type != PduType.Data)
        {
            await FillAsync(_pduLeft, wait - Stopwatch.GetElapsedTime(start), cancellation);
            Body = Take(_pduLeft);
            _pduLeft = 0;
            return;
        }

        int piece = (int)Math.Min(_pdvLeft, PieceSize);
        await FillMessageAsync(piece, cancellation);
        Body = Take(Math.Min(_pdvLeft, _buffer.Length - _consumed));
        _pdvLeft -= Body.Length;
        _pduLeft -= Body.Length;
        IsLast = _pdvLeft == 0 && (_control & 2) != 0;
        _insideMessage = !IsLast;
    }

    async ValueTask<bool> ReadHeaderAsync(long start, TimeSpan wait, CancellationToken cancellation)
    {
        if (_insideMessage)
        {
            await FillMessageAsync(6, cancellation);
        }
        else
        {
            if (!await FillAsync(1, wait, cancellation, mayEnd: true))
            {
                Type = null;
                return false;
            }
            // The first byte tells an HTTP or TLS client apart; the other five might never come.
            CheckType(FirstByte());
            await FillAsync(6, wait - Stopwatch.GetElapsedTime(start), cancellation);
        }

        CheckType(FirstByte());
        uint length = ReadHeader(Take(6), out var type);
        uint most = type switch
        {
            PduType.Data => (uint)limits.MaxPdu,
            PduType.AssociateRq or PduType.AssociateAc => (uint)limits.MaxAssociateRq,
            _ => 4
        };
        if (length > most || (type != PduType.Data && length < 4))
            throw DicomProtocolException.Invalid($"a {type} PDU of {length} bytes; the limit is {most}");
        if (type == PduType.Data && length < 6)
            throw DicomProtocolException.Invalid($"a P-DATA-TF PDU of {length} bytes holds no PDV");
        Type = type;
        _pduLeft = length;
        if (type == PduType.Data && !_insideMessage)
        {
            _messageBytes = 0;
            _messageWait = TimeSpan.Zero;
        }
        return true;
    }

    async ValueTask ReadPdvHeaderAsync(CancellationToken cancellation)
    {
        if (_pduLeft < 6)
            throw DicomProtocolException.Invalid($"{_pduLeft} bytes behind the last PDV of a P-DATA-TF PDU");
        await FillMessageAsync(6, cancellation);
        uint length = ReadPdvHeader(Take(6));
        _pduLeft -= 6;
        if (length < 2 || length - 2 > _pduLeft)
            throw DicomProtocolException.Invalid($"a PDV of {length} bytes with {_pduLeft + 2} left in its PDU");
        _pdvLeft = length - 2;
    }

    static uint ReadHeader(in ReadOnlySequence<byte> header, out PduType type)
    {
        Span<byte> bytes = stackalloc byte[6];
        header.CopyTo(bytes);
        type = (PduType)bytes[0];
        return BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
    }

    uint ReadPdvHeader(in ReadOnlySequence<byte> header)
    {
        Span<byte> bytes = stackalloc byte[6];
        header.CopyTo(bytes);
        _contextId = bytes[4];
        _control = bytes[5];
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    byte FirstByte() => _buffer.Slice(_consumed).FirstSpan[0];

    static void CheckType(byte type)
    {
        if (type is < (byte)PduType.AssociateRq or > (byte)PduType.Abort)
            throw new DicomProtocolException(AbortSource.ServiceProvider, AbortReason.UnrecognizedPdu, $"not a DICOM peer: {SpokenWith(type)}");
    }

    /// <summary>What begins with this byte, as far as one byte tells: scanners and load balancers speak HTTP and TLS to every port.</summary>
    static string SpokenWith(byte first) => first switch
    {
        (byte)'G' or (byte)'H' or (byte)'P' or (byte)'O' or (byte)'D' or (byte)'C' or (byte)'T' => $"it begins with '{(char)first}', as an HTTP request does",
        0x16 => "it begins with 16H, as a TLS handshake does",
        _ => $"a PDU of type {first:X2}H"
    };

    ReadOnlySequence<byte> Take(long count)
    {
        var taken = _buffer.Slice(_consumed, count);
        _consumed += count;
        BytesRead += count;
        return taken;
    }

    /// <summary>Gives what was read back to the pipe.</summary>
    public void Release()
    {
        Body = default;
        if (!_holdsBuffer)
            return;
        _holdsBuffer = false;
        pipe.AdvanceTo(_buffer.GetPosition(_consumed));
        _buffer = default;
        _consumed = 0;
    }

    /// <summary>A wait inside a message: the idle time, or less where the peer has used up what the minimum rate gives it.</summary>
    async ValueTask FillMessageAsync(long count, CancellationToken cancellation)
    {
        if (_holdsBuffer && _buffer.Length - _consumed >= count)
            return;
        var wait = limits.Idle;
        bool byRate = false;
        if (limits.MinRate > 0)
        {
            var left = limits.MinRateGrace + TimeSpan.FromSeconds((double)(_messageBytes + count) / limits.MinRate) - _messageWait;
            byRate = left < wait;
            wait = byRate ? left : wait;
        }
        long start = Stopwatch.GetTimestamp();
        try
        {
            await FillAsync(count, wait, cancellation);
        }
        catch (DicomTimeoutException) when (byRate)
        {
            throw new DicomTimeoutException($"the peer sent less than {limits.MinRate} bytes a second inside a message (limit MinRate)");
        }
        _messageWait += Stopwatch.GetElapsedTime(start);
        _messageBytes += count;
    }

    /// <summary>Waits until <paramref name="count"/> bytes beyond those taken are there.</summary>
    /// <returns>False where the peer closed at a place where it may.</returns>
    async ValueTask<bool> FillAsync(long count, TimeSpan wait, CancellationToken cancellation, bool mayEnd = false)
    {
        if (_holdsBuffer && _buffer.Length - _consumed >= count)
            return true;
        bool started = false;
        try
        {
            while (true)
            {
                if (_holdsBuffer)
                {
                    // Nothing counts as examined: a pipe counts the bytes that are to come at least from the last one examined.
                    pipe.AdvanceTo(_buffer.GetPosition(_consumed));
                    _holdsBuffer = false;
                    _consumed = 0;
                }
                ReadResult result;
                try
                {
                    var pending = pipe.ReadAtLeastAsync((int)count, cancellation);
                    if (!pending.IsCompleted && !started)
                    {
                        _deadline.Start(wait);
                        started = true;
                    }
                    result = await pending;
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    // A server's own abort of the connection (Kestrel's ConnectionAbortedException) is a cancellation that we did not ask for.
                    throw new DicomConnectionClosedException("the connection was lost", e);
                }
                _buffer = result.Buffer;
                _holdsBuffer = true;
                if (_buffer.Length >= count)
                    return true;
                if (result.IsCompleted)
                {
                    return mayEnd && _buffer.IsEmpty
                        ? false
                        : throw new DicomConnectionClosedException("the peer closed the connection inside a message");
                }
                if (started && _deadline.IsOver)
                    throw new DicomTimeoutException($"the peer was silent for {wait.TotalSeconds:0.#} s");
            }
        }
        finally
        {
            if (started)
                _deadline.Stop();
        }
    }

    /// <summary>Throws away what still comes, unread: behind the end of an association it need not be PDUs any more.</summary>
    /// <returns>True where the peer closed, false where the time was over.</returns>
    public async ValueTask<bool> DrainAsync(TimeSpan wait)
    {
        Release();
        _deadline.Start(wait);
        try
        {
            while (!_deadline.IsOver)
            {
                var result = await pipe.ReadAsync();
                pipe.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return true;
            }
            return false;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            return true;
        }
        finally
        {
            _deadline.Stop();
        }
    }

    public void Dispose() => _deadline.Dispose();
}
