namespace SoftSeg.DicomWriter;

/// <summary>A coded concept: the basic attributes of the Code Sequence Macro, PS3.3 8.8.</summary>
/// <param name="Value">Code Value (0008,0100), at most 16 characters.</param>
/// <param name="Scheme">Coding Scheme Designator (0008,0102): <c>DCM</c>, <c>SCT</c>, <c>LN</c>, <c>UCUM</c>, ...</param>
/// <param name="Meaning">Code Meaning (0008,0104), at most 64 characters.</param>
public sealed record CodedConcept(string Value, string Scheme, string Meaning)
{
    public override string ToString() => $"({Value}, {Scheme}, \"{Meaning}\")";
}
