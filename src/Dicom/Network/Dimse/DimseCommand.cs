using System.Buffers;

namespace SoftSeg.Dicom.Network;

/// <summary>A command set (PS3.7 annex E): the elements of the services that we know.</summary>
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

    /// <summary>N-ACTION names the SOP instance that is to act as the requested one, in (0000,0003) and (0000,1001).</summary>
    public string? RequestedSopClassUid { get; init; }

    public string? RequestedSopInstanceUid { get; init; }

    public ushort? ActionTypeId { get; init; }

    public ushort? EventTypeId { get; init; }

    public string? MoveDestination { get; init; }

    /// <summary>Remaining, completed, failed and warning sub-operations of C-GET and C-MOVE.</summary>
    public (int Remaining, int Completed, int Failed, int Warning) SubOperations { get; init; }

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
        return new DimseCommand
        {
            Field = (ushort)field,
            MessageId = (ushort)Required(set, IsReply(field) ? DicomTag.MessageIDBeingRespondedTo : DicomTag.MessageID),
            AffectedSopClassUid = Text(set, DicomTag.AffectedSOPClassUID),
            AffectedSopInstanceUid = Text(set, DicomTag.AffectedSOPInstanceUID),
            RequestedSopClassUid = Text(set, DicomTag.RequestedSOPClassUID),
            RequestedSopInstanceUid = Text(set, DicomTag.RequestedSOPInstanceUID),
            ActionTypeId = (ushort?)set.GetInt32OrNull(DicomTag.ActionTypeID),
            EventTypeId = (ushort?)set.GetInt32OrNull(DicomTag.EventTypeID),
            SubOperations = (Count(set, DicomTag.NumberOfRemainingSuboperations), Count(set, DicomTag.NumberOfCompletedSuboperations),
                Count(set, DicomTag.NumberOfFailedSuboperations), Count(set, DicomTag.NumberOfWarningSuboperations)),
            Status = new DicomStatus((ushort)(set.GetInt32OrNull(DicomTag.Status) ?? 0), Text(set, DicomTag.ErrorComment)),
            HasDataSet = Required(set, DicomTag.CommandDataSetType) != NoDataSet
        };
    }

    /// <summary>Responses and C-CANCEL name the message that they are about.</summary>
    static bool IsReply(int field) => (field & CommandField.ResponseBit) != 0 || field == CommandField.CancelRq;

    static int Required(DicomDataset set, DicomTag tag) =>
        set.GetInt32OrNull(tag) ?? throw DicomProtocolException.Dimse($"command set without {tag.Describe()}");

    static int Count(DicomDataset set, DicomTag tag) => set.GetInt32OrNull(tag) ?? 0;

    static string? Text(DicomDataset set, DicomTag tag) => set.GetStringOrNull(tag) is { } text ? PrintableText.Of(text) : null;

    /// <summary>The response to this request, in the same message id and for the same SOP instance.</summary>
    public DimseCommand Respond(DicomStatus status) => new()
    {
        Field = (ushort)(Field | CommandField.ResponseBit),
        MessageId = MessageId,
        AffectedSopClassUid = UidOf(AffectedSopClassUid ?? RequestedSopClassUid),
        AffectedSopInstanceUid = UidOf(AffectedSopInstanceUid ?? RequestedSopInstanceUid),
        ActionTypeId = ActionTypeId,
        EventTypeId = EventTypeId,
        Status = status
    };

    static string? UidOf(string? text) => IsUid(text) ? text : null;

    /// <summary>
    /// 1..64 digits and dots, no empty component: what may name a file. Leading zeros, which <see cref="DicomUID.IsValid"/> refuses, are common in the field and harmless here.
    /// </summary>
    public static bool IsUid(string? text) =>
        text is { Length: > 0 and <= 64 } && text[0] != '.' && text[^1] != '.'
        && !text.Contains("..", StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExcept(s_uidCharacters);

    public byte[] ToBytes()
    {
        var set = new DicomDataset();
        AddText(set, DicomTag.AffectedSOPClassUID, AffectedSopClassUid);
        set.AddOrUpdate(DicomTag.CommandField, Field);
        set.AddOrUpdate(IsReply(Field) ? DicomTag.MessageIDBeingRespondedTo : DicomTag.MessageID, MessageId);
        if (Field is CommandField.StoreRq or CommandField.FindRq or CommandField.GetRq or CommandField.MoveRq)
            set.AddOrUpdate(DicomTag.Priority, 0);   // Medium.
        set.AddOrUpdate(DicomTag.CommandDataSetType, HasDataSet ? 0 : NoDataSet);
        AddText(set, DicomTag.AffectedSOPInstanceUID, AffectedSopInstanceUid);
        AddText(set, DicomTag.RequestedSOPClassUID, RequestedSopClassUid);
        AddText(set, DicomTag.RequestedSOPInstanceUID, RequestedSopInstanceUid);
        AddText(set, DicomTag.MoveDestination, MoveDestination);
        if (ActionTypeId is { } action)
            set.AddOrUpdate(DicomTag.ActionTypeID, action);
        if (EventTypeId is { } happened)
            set.AddOrUpdate(DicomTag.EventTypeID, happened);
        if (IsResponse)
        {
            set.AddOrUpdate(DicomTag.Status, Status.Code);
            if (Status.Comment is { Length: > 0 } comment)
                set.AddOrUpdate(DicomTag.ErrorComment, Plain(comment));
        }
        return DicomCommandSet.Encode(set);
    }

    static void AddText(DicomDataset set, DicomTag tag, string? text)
    {
        if (text is not null)
            set.AddOrUpdate(tag, text);
    }

    // LO holds 64 characters, and no backslash.
    static string Plain(string comment) => PrintableText.Of((comment.Length > 64 ? comment[..64] : comment).Replace('\\', '/'));
}
