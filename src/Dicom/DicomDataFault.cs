namespace SoftSeg.Dicom;

/// <summary>What is wrong with a data set, and where.</summary>
/// <param name="Offset">Of the element's header.</param>
public readonly record struct DicomDataFault(string Reason, DicomTag Tag, long Offset)
{
    internal DicomDataException ToException() => new(ToString(), Tag, Offset);

    public override string ToString() => $"Byte {Offset}: {Tag.Describe()}: {Reason}";
}
