using SoftSeg.Dicom;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Modules;

/// <summary>Code Sequence Macro, PS3.3 8.8.</summary>
static class CodeSequence
{
    public static void Write(DicomDataset target, DicomTag sequence, CodedConcept concept) => target.AddOrUpdate(sequence, Item(concept));

    public static DicomDataset Item(CodedConcept concept) => new DicomDataset()
        .AddOrUpdate(DicomTag.CodeValue, concept.Value)
        .AddOrUpdate(DicomTag.CodingSchemeDesignator, concept.Scheme)
        .AddOrUpdate(DicomTag.CodeMeaning, concept.Meaning);
}
