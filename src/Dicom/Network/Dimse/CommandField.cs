namespace SoftSeg.Dicom.Network;

/// <summary>Values of (0000,0100) (PS3.7 E.1); a response has bit 15 set.</summary>
static class CommandField
{
    public const ushort StoreRq = 0x0001;
    public const ushort GetRq = 0x0010;
    public const ushort FindRq = 0x0020;
    public const ushort MoveRq = 0x0021;
    public const ushort EchoRq = 0x0030;
    public const ushort EventReportRq = 0x0100;
    public const ushort ActionRq = 0x0130;
    public const ushort CancelRq = 0x0FFF;
    public const ushort ResponseBit = 0x8000;
}
