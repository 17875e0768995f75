using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// Watches the data set of one instance pass by: its structure (nesting, lengths, its end), and the UIDs that it must have. Holds a header and one UID at a time,
/// whatever the size of the instance.
/// </summary>
sealed class InstanceScan(StoreContext context, DicomLimits limits)
{
    const int MostUid = 66;   // 64, and what an odd writer pads.

    readonly DicomTransferSyntax _syntax = DicomTransferSyntax.ForReading(context.TransferSyntaxUid);
    readonly DataSetStructure _structure = Structure(context, limits);
    readonly byte[] _header = new byte[ElementHeader.MaxSize];
    readonly byte[] _value = new byte[MostUid];
    int _headerLength;
    int _valueLength;
    DicomTag? _wanted;
    long _offset;
    long _left;
    string? _sopClass;
    string? _sopInstance;
    string? _study;
    string? _series;

    static DataSetStructure Structure(StoreContext context, DicomLimits limits)
    {
        var syntax = DicomTransferSyntax.ForReading(context.TransferSyntaxUid);
        return new DataSetStructure(syntax.IsExplicitVR, syntax.IsBigEndian, limits.MaxSequenceDepth, limits.MaxInstance);
    }

    /// <exception cref="DicomStatusException">The bytes are no data set (C000), or not that of the command (A900).</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (_syntax.IsDeflated)
            throw new DicomStatusException(DicomStatus.CannotUnderstand.With("deflated"));
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
                TakeValue(ref bytes);
            else
                TakeHeader(ref bytes);
        }
    }

    void TakeValue(ref ReadOnlySpan<byte> bytes)
    {
        int count = (int)Math.Min(_left, bytes.Length);
        if (_wanted is not null)
        {
            bytes[..count].CopyTo(_value.AsSpan(_valueLength));
            _valueLength += count;
        }
        bytes = bytes[count..];
        _offset += count;
        _left -= count;
        if (_left == 0 && _wanted is { } tag)
            Found(tag, _value.AsSpan(0, _valueLength).TrimEnd(" \0"u8));
    }

    void TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        while (_structure.EndsAt(_offset))
            _structure.Close();
        int before = _headerLength;
        int count = Math.Min(ElementHeader.MaxSize - before, bytes.Length);
        bytes[..count].CopyTo(_header.AsSpan(before));
        if (!ElementHeader.TryRead(_header.AsSpan(0, before + count), _structure.IsExplicit, _structure.IsBigEndian, out var header))
        {
            _headerLength += count;
            bytes = bytes[count..];
            return;
        }
        bytes = bytes[(header.Size - before)..];
        _headerLength = 0;

        var step = _structure.Take(header, _offset);
        if (step == StructureStep.Fault)
            throw Broken();
        _offset += header.Size;
        if (step is not (StructureStep.Value or StructureStep.Fragment))
            return;
        _left = header.Length;
        var tag = new DicomTag(header.Tag);
        _wanted = step == StructureStep.Value && _structure.Depth == 0 && IsWanted(tag) ? tag : null;
        _valueLength = 0;
        if (_wanted is not null && header.Length is 0 or > MostUid)
            throw new DicomStatusException(DicomStatus.CannotUnderstand.With($"{tag} has {header.Length} bytes: no UID"));
    }

    static bool IsWanted(DicomTag tag) =>
        tag == DicomTag.SOPClassUID || tag == DicomTag.SOPInstanceUID || tag == DicomTag.StudyInstanceUID || tag == DicomTag.SeriesInstanceUID;

    void Found(DicomTag tag, ReadOnlySpan<byte> value)
    {
        string uid = Encoding.ASCII.GetString(value);
        if (!DimseCommand.IsUid(uid))
            throw new DicomStatusException(DicomStatus.CannotUnderstand.With($"{tag} is no UID"));
        if (tag == DicomTag.StudyInstanceUID)
            _study = uid;
        else if (tag == DicomTag.SeriesInstanceUID)
            _series = uid;
        else if (tag == DicomTag.SOPClassUID)
            _sopClass = Same(uid, context.SopClassUid, tag);
        else
            _sopInstance = Same(uid, context.SopInstanceUid, tag);
    }

    static string Same(string inDataSet, string inCommand, DicomTag tag) => inDataSet == inCommand ? inDataSet
        : throw new DicomStatusException(DicomStatus.DataSetMismatch.With($"{tag} is {inDataSet}, the command says {inCommand}"));

    /// <summary>The data set is at its end.</summary>
    /// <exception cref="DicomStatusException">It is cut off, or lacks a UID (C000).</exception>
    public (string Study, string Series) Complete()
    {
        if (_offset == 0 && _headerLength == 0)
            throw new DicomStatusException(DicomStatus.CannotUnderstand.With("empty data set"));
        if (_left > 0 || _headerLength > 0)
            throw new DicomStatusException(DicomStatus.CannotUnderstand.With($"cut off at byte {_offset + _headerLength} inside an element"));
        if (_structure.End(_offset) is not null)
            throw Broken();
        string? missing = _sopClass is null ? "SOPClassUID" : _sopInstance is null ? "SOPInstanceUID" : _study is null ? "StudyInstanceUID" : _series is null ? "SeriesInstanceUID" : null;
        return missing is null ? (_study!, _series!) : throw new DicomStatusException(DicomStatus.CannotUnderstand.With($"no {missing}"));
    }

    DicomStatusException Broken() => new(DicomStatus.CannotUnderstand.With(_structure.Fault!.Value.ToException().Message));
}
