using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomNode.Receive;

namespace SoftSeg.DicomNode.Tests;

public sealed class AcceptedSyntaxTests
{
    [Fact]
    public void The_node_accepts_what_it_can_decode_and_nothing_else()
    {
        string[] offered = [.. typeof(DicomTransferSyntax).GetFields().Select(field => field.GetValue(null)).OfType<DicomTransferSyntax>().Select(syntax => syntax.UID.Value)];
        Assert.True(offered.Length > 15);
        Assert.Equal(offered.Where(uid => PixelData.CanRead(DicomTransferSyntax.Lookup(uid)!)).Order(), offered.Where(Spool.AcceptedServices.Takes).Order());
    }
}
