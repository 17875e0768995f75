namespace SoftSeg.Dicom.Network;

/// <summary>The user information item of an A-ASSOCIATE-RQ or -AC (PS3.8 9.3.2.3, annex D; PS3.7 D.3.3).</summary>
sealed record UserInformation
{
    /// <summary>Largest P-DATA-TF body that the sender of this item takes; 0 is no limit.</summary>
    public uint MaxPdu { get; init; }

    public string ImplementationClassUid { get; init; } = "";

    public string ImplementationVersionName { get; init; } = "";

    /// <summary>Operations that may be under way at once; null where the item is absent, which means one.</summary>
    public (ushort Invoked, ushort Performed)? AsynchronousOperations { get; init; }

    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    /// <summary>In a request: who the user is.</summary>
    public DicomUserIdentity? UserIdentity { get; init; }

    /// <summary>In a request: the requestor wants to hear that its identity was accepted.</summary>
    public bool WantsIdentityResponse { get; init; }

    /// <summary>In an answer: the identity was accepted.</summary>
    public bool AcceptsIdentity { get; init; }

    public static UserInformation Parse(PduCursor cursor)
    {
        var user = new UserInformation();
        var roles = new List<RoleSelection>();
        while (!cursor.IsAtEnd)
        {
            var item = cursor.ReadItem(out byte type);
            switch (type)
            {
                case PduItemType.MaximumLength:
                    user = user with { MaxPdu = item.ReadUInt32() };
                    break;
                case PduItemType.ImplementationClassUid:
                    user = user with { ImplementationClassUid = item.ReadText() };
                    break;
                case PduItemType.ImplementationVersionName:
                    user = user with { ImplementationVersionName = item.ReadText() };
                    break;
                case PduItemType.AsynchronousOperationsWindow:
                    user = user with { AsynchronousOperations = (item.ReadUInt16(), item.ReadUInt16()) };
                    break;
                case PduItemType.RoleSelection:
                    roles.Add(ParseRole(item));
                    break;
                case PduItemType.UserIdentity:
                    user = ParseIdentity(user, item);
                    break;
                case PduItemType.UserIdentityAc:
                    user = user with { AcceptsIdentity = true };
                    break;
                default:
                    break;   // Extended negotiation and what is newer than this code: PS3.8 9.3.1 lets the acceptor ignore it.
            }
        }
        return user with { Roles = roles };
    }

    static UserInformation ParseIdentity(UserInformation user, PduCursor item)
    {
        byte type = item.ReadByte();
        bool wantsResponse = item.ReadByte() != 0;
        byte[] primary = item.Take(item.ReadUInt16()).ToArray();
        byte[] secondary = item.Take(item.ReadUInt16()).ToArray();
        return user with { UserIdentity = new DicomUserIdentity(type, primary, secondary), WantsIdentityResponse = wantsResponse };
    }

    static RoleSelection ParseRole(PduCursor item)
    {
        var uid = new PduCursor(item.Take(item.ReadUInt16()), "role selection").ReadUid();
        return new RoleSelection(uid, item.ReadByte() != 0, item.ReadByte() != 0);
    }

    public void Write(PduBuilder pdu) => pdu.WriteItem(PduItemType.UserInformation, user =>
    {
        user.WriteItem(PduItemType.MaximumLength, b => b.WriteUInt32(MaxPdu));
        user.WriteItem(PduItemType.ImplementationClassUid, ImplementationClassUid);
        if (AsynchronousOperations is var (invoked, performed))
        {
            user.WriteItem(PduItemType.AsynchronousOperationsWindow, b =>
            {
                b.WriteUInt16(invoked);
                b.WriteUInt16(performed);
            });
        }
        foreach (var role in Roles)
        {
            user.WriteItem(PduItemType.RoleSelection, b =>
            {
                b.WriteUInt16((ushort)role.SopClassUid.Length);
                b.WriteText(role.SopClassUid);
                b.WriteByte(role.Scu ? (byte)1 : (byte)0);
                b.WriteByte(role.Scp ? (byte)1 : (byte)0);
            });
        }
        user.WriteItem(PduItemType.ImplementationVersionName, ImplementationVersionName);
        if (UserIdentity is { } identity)
        {
            user.WriteItem(PduItemType.UserIdentity, b =>
            {
                b.WriteByte(identity.Type);
                b.WriteByte(WantsIdentityResponse ? (byte)1 : (byte)0);
                b.WriteField(identity.Primary.Span);
                b.WriteField(identity.Secondary.Span);
            });
        }
        if (AcceptsIdentity)
            user.WriteItem(PduItemType.UserIdentityAc, b => b.WriteUInt16(0));
    });
}
