using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter;

/// <summary>A conformant result can't be written from this input: an attribute is missing or has no usable value.</summary>
public sealed class DicomConformanceException : Exception
{
    public DicomConformanceException(DicomTag attribute, string reason)
        : base($"{DicomDictionary.Lookup(attribute)?.Keyword ?? "Attribute"} {attribute} {reason}") => Attribute = attribute;

    /// <summary>The attribute that the message names.</summary>
    public DicomTag Attribute { get; }
}
