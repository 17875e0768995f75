namespace SoftSeg.Dicom.Network;

/// <summary>A-ASSOCIATE-RQ (PS3.8 9.3.2).</summary>
sealed record AssociateRqPdu(
    string CalledAeTitle, string CallingAeTitle, ushort ProtocolVersion, string ApplicationContext,
    IReadOnlyList<PresentationContext> Contexts, UserInformation User)
{
    /// <exception cref="DicomProtocolException">The body is not one of an A-ASSOCIATE-RQ.</exception>
    public static AssociateRqPdu Parse(ReadOnlySpan<byte> body)
    {
        var cursor = new PduCursor(body, "A-ASSOCIATE-RQ");
        ushort version = cursor.ReadUInt16();
        cursor.Skip(2);
        string called = cursor.ReadAeTitle("called");
        string calling = cursor.ReadAeTitle("calling");
        cursor.Skip(32);

        string applicationContext = "";
        UserInformation? user = null;
        var contexts = new List<PresentationContext>();
        while (!cursor.IsAtEnd)
        {
            var item = cursor.ReadItem(out byte type);
            switch (type)
            {
                case PduItemType.ApplicationContext:
                    applicationContext = item.ReadUid();
                    break;
                case PduItemType.PresentationContextRq:
                    contexts.Add(ParseContext(item, contexts));
                    break;
                case PduItemType.UserInformation:
                    user = UserInformation.Parse(item);
                    break;
                default:
                    break;   // PS3.8 9.3.1: unrecognized items are skipped.
            }
        }
        if (contexts.Count == 0)
            throw DicomProtocolException.Invalid("A-ASSOCIATE-RQ: no presentation context");
        if (user is null)
            throw DicomProtocolException.Invalid("A-ASSOCIATE-RQ: no user information");
        return new AssociateRqPdu(called, calling, version, applicationContext, contexts, user);
    }

    static PresentationContext ParseContext(PduCursor item, List<PresentationContext> before)
    {
        byte id = item.ReadByte();
        item.Skip(3);
        if (id % 2 == 0)
            throw DicomProtocolException.Invalid($"A-ASSOCIATE-RQ: presentation context id {id} is even");
        if (before.Exists(c => c.Id == id))
            throw DicomProtocolException.Invalid($"A-ASSOCIATE-RQ: presentation context id {id} twice");

        string? abstractSyntax = null;
        var transferSyntaxes = new List<string>();
        while (!item.IsAtEnd)
        {
            var sub = item.ReadItem(out byte type);
            if (type == PduItemType.AbstractSyntax)
                abstractSyntax = sub.ReadUid();
            else if (type == PduItemType.TransferSyntax)
                transferSyntaxes.Add(sub.ReadUid());
        }
        if (abstractSyntax is null || transferSyntaxes.Count == 0)
            throw DicomProtocolException.Invalid($"A-ASSOCIATE-RQ: presentation context {id} has no abstract or no transfer syntax");
        return new PresentationContext(id, abstractSyntax, transferSyntaxes);
    }

    public byte[] ToBytes() => PduBuilder.Build(PduType.AssociateRq, pdu =>
    {
        pdu.WriteUInt16(ProtocolVersion);
        pdu.WriteZeros(2);
        pdu.WriteAeTitle(CalledAeTitle);
        pdu.WriteAeTitle(CallingAeTitle);
        pdu.WriteZeros(32);
        pdu.WriteItem(PduItemType.ApplicationContext, ApplicationContext);
        foreach (var context in Contexts)
        {
            pdu.WriteItem(PduItemType.PresentationContextRq, item =>
            {
                item.WriteByte(context.Id);
                item.WriteZeros(3);
                item.WriteItem(PduItemType.AbstractSyntax, context.AbstractSyntax);
                foreach (string syntax in context.TransferSyntaxes)
                    item.WriteItem(PduItemType.TransferSyntax, syntax);
            });
        }
        User.Write(pdu);
    });
}
