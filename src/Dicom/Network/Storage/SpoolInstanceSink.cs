using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// One instance on its way into the spool. What stands in front of the pixel data is scanned as it passes; everything is written as it came.
/// The commit answers success only after: write, flush the file, rename, flush the directory.
/// </summary>
public sealed class SpoolInstanceSink : IInstanceSink
{
    const int ComparePiece = 128 * 1024;

    readonly InstanceSpool _spool;
    readonly Func<StoredInstance, CancellationToken, ValueTask>? _stored;
    readonly InstanceScan _scan;
    readonly SafeFileHandle _file;
    readonly List<ReadOnlyMemory<byte>> _pieces = [];
    readonly byte[] _header;
    readonly int _identityEnd;
    long _written;
    long _writeBackFrom;
    bool _isPlaced;

    internal SpoolInstanceSink(InstanceSpool spool, string partPath, StoreContext context, Func<StoredInstance, CancellationToken, ValueTask>? stored)
    {
        _spool = spool;
        _stored = stored;
        PartPath = partPath;
        Context = context;
        _scan = new InstanceScan(context, spool.Limits);
        _header = FileMetaHeader.Build(context, out _identityEnd);
        _file = OnDisk(() => File.OpenHandle(partPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete));
        _pieces.Add(_header);
    }

    internal string PartPath { get; }

    internal StoreContext Context { get; }

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlySequence<byte> fragment, CancellationToken cancellation)
    {
        foreach (var segment in fragment)
        {
            _scan.Take(segment.Span);
            _pieces.Add(segment);
        }
        WritePieces();
        return ValueTask.CompletedTask;
    }

    void WritePieces()
    {
        OnDisk(Write);
        foreach (var piece in _pieces)
            _written += piece.Length;
        _pieces.Clear();
        if (_written - _writeBackFrom >= _spool.WriteBackBytes)
        {
            _spool.Storage.StartWriteBack(_file, _writeBackFrom, _written - _writeBackFrom);
            _writeBackFrom = _written;
        }
    }

    bool Write()
    {
        _spool.Storage.Write(_file, _pieces, _written);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<DicomStatus> CommitAsync(CancellationToken cancellation)
    {
        var (study, series) = _scan.Complete();
        var (path, outcome) = OnDisk(() =>
        {
            _spool.Storage.FlushFile(_file);
            return _spool.Place(this, study, series);
        });
        _isPlaced = outcome != StoredOutcome.Identical;
        if (_stored is not null)
            await _stored(new StoredInstance(path, study, series, Context, _written - _header.Length, outcome), cancellation);
        return DicomStatus.Success;
    }

    /// <summary>A disk that is full or broken is a transient refusal: the sender keeps the instance and tries again.</summary>
    static T OnDisk<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (IOException e)
        {
            throw new DicomStatusException(DicomStatus.OutOfResources.With($"spool: {e.Message}"));
        }
    }

    /// <summary>Whether a file of the spool has the same SOP class, transfer syntax and data set bytes, whoever sent it.</summary>
    internal bool IsSameAs(string path)
    {
        using var other = File.OpenHandle(path);
        byte[] ours = ArrayPool<byte>.Shared.Rent(ComparePiece);
        byte[] theirs = ArrayPool<byte>.Shared.Rent(ComparePiece);
        try
        {
            int head = RandomAccess.Read(other, theirs.AsSpan(0, ComparePiece), 0);
            long offset = FileMetaHeader.DataSetOffset(theirs.AsSpan(0, head));
            long length = _written - _header.Length;
            if (offset < _identityEnd || RandomAccess.GetLength(other) - offset != length
                || !theirs.AsSpan(FileMetaHeader.FirstElement, _identityEnd - FileMetaHeader.FirstElement).SequenceEqual(_header.AsSpan(FileMetaHeader.FirstElement, _identityEnd - FileMetaHeader.FirstElement)))
                return false;
            for (long at = 0; at < length;)
            {
                int read = ReadFully(_file, ours.AsSpan(0, ComparePiece), _header.Length + at);
                int readThere = ReadFully(other, theirs.AsSpan(0, ComparePiece), offset + at);
                if (read == 0 || !ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, readThere)))
                    return false;
                at += read;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ours);
            ArrayPool<byte>.Shared.Return(theirs);
        }
    }

    static int ReadFully(SafeFileHandle file, Span<byte> destination, long offset)
    {
        int total = 0;
        while (total < destination.Length && RandomAccess.Read(file, destination[total..], offset + total) is > 0 and var read)
            total += read;
        return total;
    }

    /// <summary>Without a commit, or where the spool had the instance already, the part file goes.</summary>
    public ValueTask DisposeAsync()
    {
        _scan.Dispose();
        _file.Dispose();
        if (!_isPlaced)
            File.Delete(PartPath);
        return ValueTask.CompletedTask;
    }
}
