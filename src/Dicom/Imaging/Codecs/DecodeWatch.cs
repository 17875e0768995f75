using System.Diagnostics;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Imaging.Codecs;

/// <summary>Ends the decoding of a frame that takes too long or is no longer wanted. Codecs ask between markers, rows, packets and code-blocks, from any thread.</summary>
sealed class DecodeWatch(DicomTransferSyntax syntax, TimeSpan most, CancellationToken cancellation)
{
    readonly long start = Stopwatch.GetTimestamp();

    /// <exception cref="DicomDataException">The frame has had its time.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it.</exception>
    public void Check()
    {
        cancellation.ThrowIfCancellationRequested();
        if (Stopwatch.GetElapsedTime(start) > most)
        {
            throw new DicomDataException(
                $"PixelData (7FE0,0010) has a frame of {syntax} that is not decoded after {most.TotalSeconds} s (limit {nameof(DicomLimits.Decode)}): the stream is damaged, made to be slow, or the machine is overloaded. "
                + $"Send it as {DicomTransferSyntax.ExplicitVRLittleEndian}, or raise the limit.", DicomTag.PixelData);
        }
    }
}
