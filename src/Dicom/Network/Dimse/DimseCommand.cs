using System.Buffers;

namespace SoftSeg.Dicom.Network;

/// <summary>A command set (PS3.7 annex E): the elements that C-ECHO and C-STORE use.</summary>
sealed record DimseCommand
{
    // (0000,0800) with this value: no data set follows (PS3.7 E.1).
    const int NoDataSet = 0x0101;

    static readonly SearchValues<char> s_uidCharacters = SearchValues.Create("0123456789.");

    public ushort Field { get; init; }

    /// <summary>(0000,0110) of a request, (0000,0120) of a response.</summary>
    public ushort MessageId { get; init; }

    public string? AffectedSopClassUid { get; init; }

    public string? AffectedSopInstanceUid { get; init; }

    public DicomStatus Status { get; init; } = DicomStatus.Success;

    public bool HasDataSet { get; init; }

    public bool IsResponse => (Field & CommandField.ResponseBit) != 0;

    /// <exception cref="DicomProtocolException">Not a command set, or without a command field, message id or data set type.</exception>
    public static DimseCommand Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Parse(DicomCommandSet.Decode(bytes));
        }
        catch (DicomDataException e)
        {
            throw DicomProtocolException.Dimse($"command set: {e.Message}");
        }
    }

    static DimseCommand Parse(DicomDataset set)
    {
        int field = Required(set, DicomTag.CommandField);
        bool isReply = (field & CommandField.ResponseBit) != 0 || field == CommandField.CancelRq;
        return new DimseCommand
        {
            Field = (ushort)field,
            MessageId = (ushort)Required(set, isReply ? DicomTag.MessageIDBeingRespondedTo : DicomTag.MessageID),
            AffectedSopClassUid = Text(set, DicomTag.AffectedSOPClassUID),
            AffectedSopInstanceUid = Text(set, DicomTag.AffectedSOPInstanceUID),
            Status = new DicomStatus((ushort)(set.GetInt32OrNull(DicomTag.Status) ?? 0), Text(set, DicomTag.ErrorComment)),
            HasDataSet = Required(set, DicomTag.CommandDataSetType) != NoDataSet
        };
    }

    static int Required(DicomDataset set, DicomTag tag) =>
        set.GetInt32OrNull(tag) ?? throw DicomProtocolException.Dimse($"command set without {tag.Describe()}");

    static string? Text(DicomDataset set, DicomTag tag) => set.GetStringOrNull(tag) is { } text ? PrintableText.Of(text) : null;

    /// <summary>The response to this request, in the same message id and for the same SOP instance.</summary>
    public DimseCommand Respond(DicomStatus status) => new()
    {
        Field = (ushort)(Field | CommandField.ResponseBit),
        MessageId = MessageId,
        AffectedSopClassUid = IsUid(AffectedSopClassUid) ? AffectedSopClassUid : null,
        AffectedSopInstanceUid = IsUid(AffectedSopInstanceUid) ? AffectedSopInstanceUid : null,
        Status = status
    };

    /// <summary>
    /// 1..64 digits and dots, no empty component: what may name a file. Leading zeros, which <see cref="DicomUID.IsValid"/> refuses, are common in the field and harmless here.
    /// </summary>
    public static bool IsUid(string? text) =>
        text is { Length: > 0 and <= 64 } && text[0] != '.' && text[^1] != '.'
        && !text.Contains("..", StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExcept(s_uidCharacters);

    public byte[] ToBytes()
    {
        var set = new DicomDataset();
        if (AffectedSopClassUid is not null)
            set.AddOrUpdate(DicomTag.AffectedSOPClassUID, AffectedSopClassUid);
        set.AddOrUpdate(DicomTag.CommandField, Field);
        set.AddOrUpdate(IsResponse ? DicomTag.MessageIDBeingRespondedTo : DicomTag.MessageID, MessageId);
        if (Field == CommandField.StoreRq)
            set.AddOrUpdate(DicomTag.Priority, 0);   // Medium.
        set.AddOrUpdate(DicomTag.CommandDataSetType, HasDataSet ? 0 : NoDataSet);
        if (AffectedSopInstanceUid is not null)
            set.AddOrUpdate(DicomTag.AffectedSOPInstanceUID, AffectedSopInstanceUid);
        if (IsResponse)
        {
            set.AddOrUpdate(DicomTag.Status, Status.Code);
            if (Status.Comment is { Length: > 0 } comment)
                set.AddOrUpdate(DicomTag.ErrorComment, Plain(comment));
        }
        return DicomCommandSet.Encode(set);
    }

    // LO holds 64 characters, and no backslash.
    static string Plain(string comment) => PrintableText.Of((comment.Length > 64 ? comment[..64] : comment).Replace('\\', '/'));
}
