namespace SoftSeg.Dicom.Network;

/// <summary>Items and sub-items of A-ASSOCIATE PDUs (PS3.8 9.3.2, annex D; PS3.7 D.3.3).</summary>
static class PduItemType
{
    public const byte ApplicationContext = 0x10;
    public const byte PresentationContextRq = 0x20;
    public const byte PresentationContextAc = 0x21;
    public const byte AbstractSyntax = 0x30;
    public const byte TransferSyntax = 0x40;
    public const byte UserInformation = 0x50;
    public const byte MaximumLength = 0x51;
    public const byte ImplementationClassUid = 0x52;
    public const byte AsynchronousOperationsWindow = 0x53;
    public const byte RoleSelection = 0x54;
    public const byte ImplementationVersionName = 0x55;
    public const byte ExtendedNegotiation = 0x56;
    public const byte CommonExtendedNegotiation = 0x57;
    public const byte UserIdentity = 0x58;
    public const byte UserIdentityAc = 0x59;

    /// <summary>The DICOM application context (PS3.7 A.2.1), the only one there is.</summary>
    public const string DicomApplicationContext = "1.2.840.10008.3.1.1.1";
}
