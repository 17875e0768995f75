namespace SoftSeg.Dicom.Network;

/// <summary>Which P-DATA-TF size to send, from what the peer takes (PS3.8 D.1).</summary>
static class PduSize
{
    const int Least = 128;   // Less makes a thousand PDUs of a command: no peer means it.

    /// <exception cref="DicomProtocolException">The peer's maximum is too small to be meant.</exception>
    public static int ToSend(uint peerMaximum, DicomLimits limits) => peerMaximum switch
    {
        0 => limits.MaxPdu,
        < Least => throw DicomProtocolException.Invalid($"a maximum PDU length of {peerMaximum} bytes"),
        _ => (int)Math.Min(peerMaximum, (uint)limits.MaxPdu)
    };
}
