namespace SoftSeg.Dicom.Network;

/// <summary>A-ASSOCIATE-AC (PS3.8 9.3.3). Contexts carry no abstract syntax on the wire: it is the proposal's.</summary>
sealed record AssociateAcPdu(string CalledAeTitle, string CallingAeTitle, IReadOnlyList<NegotiatedContext> Contexts, UserInformation User)
{
    /// <exception cref="DicomProtocolException">The body is not one of an A-ASSOCIATE-AC, or answers what was not proposed.</exception>
    public static AssociateAcPdu Parse(ReadOnlySpan<byte> body, IReadOnlyList<PresentationContext> proposed)
    {
        var cursor = new PduCursor(body, "A-ASSOCIATE-AC");
        cursor.Skip(4);
        // PS3.8 table 9-17: the titles of an AC shall not be tested.
        string called = PrintableText.Of(cursor.Take(16));
        string calling = PrintableText.Of(cursor.Take(16));
        cursor.Skip(32);

        var user = new UserInformation();
        var contexts = new List<NegotiatedContext>();
        while (!cursor.IsAtEnd)
        {
            var item = cursor.ReadItem(out byte type);
            if (type == PduItemType.PresentationContextAc)
                contexts.Add(ParseContext(item, proposed));
            else if (type == PduItemType.UserInformation)
                user = UserInformation.Parse(item);
        }
        return new AssociateAcPdu(called, calling, contexts, user);
    }

    static NegotiatedContext ParseContext(PduCursor item, IReadOnlyList<PresentationContext> proposed)
    {
        byte id = item.ReadByte();
        item.Skip(1);
        byte result = item.ReadByte();
        item.Skip(1);
        var proposal = proposed.FirstOrDefault(c => c.Id == id)
            ?? throw DicomProtocolException.Invalid($"A-ASSOCIATE-AC: presentation context {id} was not proposed");
        if (result != 0)
            return new NegotiatedContext(id, proposal.AbstractSyntax, (PresentationContextResult)Math.Min(result, (byte)4), "");

        string syntax = "";
        while (!item.IsAtEnd)
        {
            var sub = item.ReadItem(out byte type);
            if (type == PduItemType.TransferSyntax)
                syntax = sub.ReadUid();
        }
        if (!proposal.TransferSyntaxes.Contains(syntax))
            throw DicomProtocolException.Invalid($"A-ASSOCIATE-AC: transfer syntax {syntax} was not proposed for presentation context {id}");
        return new NegotiatedContext(id, proposal.AbstractSyntax, PresentationContextResult.Accepted, syntax);
    }

    public byte[] ToBytes() => PduBuilder.Build(PduType.AssociateAc, pdu =>
    {
        pdu.WriteUInt16(1);
        pdu.WriteZeros(2);
        pdu.WriteAeTitle(CalledAeTitle);
        pdu.WriteAeTitle(CallingAeTitle);
        pdu.WriteZeros(32);
        pdu.WriteItem(PduItemType.ApplicationContext, PduItemType.DicomApplicationContext);
        foreach (var context in Contexts)
        {
            pdu.WriteItem(PduItemType.PresentationContextAc, item =>
            {
                item.WriteByte(context.Id);
                item.WriteByte(0);
                item.WriteByte((byte)context.Result);
                item.WriteByte(0);
                // One transfer syntax is there even where it is not significant (PS3.8 9.3.3.2).
                item.WriteItem(PduItemType.TransferSyntax, context.TransferSyntax.Length > 0 ? context.TransferSyntax : "1.2.840.10008.1.2");
            });
        }
        User.Write(pdu);
    });
}
