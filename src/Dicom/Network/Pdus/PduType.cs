namespace SoftSeg.Dicom.Network;

/// <summary>PDU types (PS3.8 9.3).</summary>
enum PduType : byte
{
    AssociateRq = 0x01,
    AssociateAc = 0x02,
    AssociateRj = 0x03,
    Data = 0x04,
    ReleaseRq = 0x05,
    ReleaseRp = 0x06,
    Abort = 0x07
}
