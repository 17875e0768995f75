using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Code Sequence Macro, PS3.3 8.8.</summary>
static class CodeSequence
{
    /// <summary>Longest SH and LO values, characters.</summary>
    const int ShortString = 16, LongString = 64;

    public static void Write(DicomDataset target, DicomTag sequence, CodedConcept concept) => target.AddOrUpdate(sequence, Item(concept));

    /// <exception cref="DicomConformanceException">A part is empty or too long.</exception>
    public static DicomDataset Item(CodedConcept concept) => new DicomDataset()
        .AddOrUpdate(concept.Value.Length > ShortString ? DicomTag.LongCodeValue : DicomTag.CodeValue,
            Checked(DicomTag.CodeValue, concept, concept.Value, int.MaxValue))
        .AddOrUpdate(DicomTag.CodingSchemeDesignator, Checked(DicomTag.CodingSchemeDesignator, concept, concept.Scheme, ShortString))
        .AddOrUpdate(DicomTag.CodeMeaning, Checked(DicomTag.CodeMeaning, concept, concept.Meaning, LongString));

    static string Checked(DicomTag tag, CodedConcept concept, string value, int length) =>
        value.Length > 0 && value.Length <= length && ResultText.Value(value, int.MaxValue) == value ? value
            : throw new DicomConformanceException(tag, $"of the concept {concept} is empty, too long or not plain ASCII.");
}
