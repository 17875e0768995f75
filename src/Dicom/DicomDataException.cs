namespace SoftSeg.Dicom;

/// <summary>Bytes that are no DICOM data set, or a value that isn't what was asked for. The message names the attribute and, while reading, the offset.</summary>
public sealed class DicomDataException : Exception
{
    public DicomDataException() { }
    public DicomDataException(string message) : base(message) { }
    public DicomDataException(string message, Exception innerException) : base(message, innerException) { }

    /// <param name="tag">The element at fault.</param>
    /// <param name="offset">Bytes from the start of the stream (of the inflated data set where it is deflated) to the element; -1 when the fault isn't one of reading.</param>
    public DicomDataException(string message, DicomTag tag, long offset = -1) : base(message) => (Tag, Offset) = (tag, offset);

    public DicomTag? Tag { get; }

    public long Offset { get; } = -1;
}
