using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;
using SoftSeg.DicomWriter.Modules;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Reports;

/// <summary>Relationship Type (0040,A010), PS3.3 C.17.3.2.4.</summary>
static class Relationship
{
    public const string Contains = "CONTAINS";
    public const string HasObservationContext = "HAS OBS CONTEXT";
    public const string HasAcquisitionContext = "HAS ACQ CONTEXT";
    public const string HasConceptModifier = "HAS CONCEPT MOD";
    public const string SelectedFrom = "SELECTED FROM";
}

/// <summary>Content items of a report, one function per value type: Document Content and Document Relationship Macros, PS3.3 C.17.3.</summary>
static class ContentItem
{
    /// <summary>CONTAINER; <paramref name="template"/> is the DCMR template that its content follows (Content Template Sequence).</summary>
    public static DicomDataset Container(string relationship, CodedConcept name, string? template, IEnumerable<DicomDataset> content) =>
        AsContainer(Item(relationship, "CONTAINER", name), template, content);

    /// <summary>Makes a data set the CONTAINER that is the root of the tree: it has no relationship.</summary>
    public static DicomDataset Root(DicomDataset dataset, CodedConcept title, string? template, IEnumerable<DicomDataset> content)
    {
        dataset.AddOrUpdate(DicomTag.ValueType, "CONTAINER");
        CodeSequence.Write(dataset, DicomTag.ConceptNameCodeSequence, title);
        return AsContainer(dataset, template, content);
    }

    public static DicomDataset Text(string relationship, CodedConcept name, string text) =>
        Item(relationship, "TEXT", name).AddOrUpdate(DicomTag.TextValue, ResultText.Printable(text));

    public static DicomDataset Code(string relationship, CodedConcept name, CodedConcept value)
    {
        var item = Item(relationship, "CODE", name);
        CodeSequence.Write(item, DicomTag.ConceptCodeSequence, value);
        return item;
    }

    public static DicomDataset UidReference(string relationship, CodedConcept name, string uid) =>
        Item(relationship, "UIDREF", name).AddOrUpdate(DicomTag.UID, uid);

    /// <summary>NUM: a measured value with its unit.</summary>
    /// <param name="decimals">Places after the point that are written.</param>
    /// <param name="modifiers">Of its name.</param>
    public static DicomDataset Number(CodedConcept name, double value, int decimals, CodedConcept unit, params DicomDataset[] modifiers)
    {
        var measured = new DicomDataset().AddOrUpdate(DicomTag.NumericValue, DecimalString.Format(value, decimals));
        CodeSequence.Write(measured, DicomTag.MeasurementUnitsCodeSequence, unit);
        var item = Item(Relationship.Contains, "NUM", name).AddOrUpdate(DicomTag.MeasuredValueSequence, measured);
        return modifiers.Length > 0 ? item.AddOrUpdate(DicomTag.ContentSequence, modifiers) : item;
    }

    /// <summary>IMAGE, one source frame: Image Reference Macro, PS3.3 C.18.4. It has no name of its own.</summary>
    public static DicomDataset Image(string relationship, ImageFrame frame)
    {
        var reference = CommonInstanceReferenceModule.InstanceReference(new SourceInstance(frame.SopClassUid, frame.SopInstanceUid));
        if (frame.FrameNumber is int number)
            reference.AddOrUpdate(DicomTag.ReferencedFrameNumber, number.ToString(CultureInfo.InvariantCulture));
        return new DicomDataset()
            .AddOrUpdate(DicomTag.RelationshipType, relationship)
            .AddOrUpdate(DicomTag.ValueType, "IMAGE")
            .AddOrUpdate(DicomTag.ReferencedSOPSequence, reference);
    }

    /// <summary>IMAGE or COMPOSITE, a whole instance: Composite Object Reference Macro, PS3.3 C.18.3. It has no name of its own.</summary>
    public static DicomDataset Instance(DicomDataset instance) => new DicomDataset()
        .AddOrUpdate(DicomTag.RelationshipType, Relationship.Contains)
        .AddOrUpdate(DicomTag.ValueType, IsDocument(instance.GetString(DicomTag.SOPClassUID)) ? "COMPOSITE" : "IMAGE")
        .AddOrUpdate(DicomTag.ReferencedSOPSequence, CommonInstanceReferenceModule
            .InstanceReference(new SourceInstance(instance.GetString(DicomTag.SOPClassUID), instance.GetString(DicomTag.SOPInstanceUID))));

    /// <summary>Structured reports and encapsulated documents have no pixels, PS3.4 B.5.</summary>
    static bool IsDocument(string sopClass) =>
        sopClass.StartsWith("1.2.840.10008.5.1.4.1.1.88.", StringComparison.Ordinal) || sopClass.StartsWith("1.2.840.10008.5.1.4.1.1.104.", StringComparison.Ordinal);

    /// <summary>IMAGE, one segment of a segmentation.</summary>
    public static DicomDataset Segment(CodedConcept name, DicomDataset segmentation, ushort number) =>
        Item(Relationship.Contains, "IMAGE", name).AddOrUpdate(DicomTag.ReferencedSOPSequence, CommonInstanceReferenceModule
            .InstanceReference(new SourceInstance(segmentation.GetString(DicomTag.SOPClassUID), segmentation.GetString(DicomTag.SOPInstanceUID)))
            .AddOrUpdate(DicomTag.ReferencedSegmentNumber, number));

    /// <summary>SCOORD, PS3.3 C.18.6: a polyline on a source frame.</summary>
    /// <param name="points">(column, row) in pixels, as <see cref="ImageRegion"/> makes them.</param>
    public static DicomDataset Polyline(CodedConcept name, float[] points, ImageFrame frame) =>
        Item(Relationship.Contains, "SCOORD", name)
            .AddOrUpdate(DicomTag.GraphicType, "POLYLINE")
            .AddOrUpdate(DicomTag.GraphicData, points)
            .AddOrUpdate(DicomTag.ContentSequence, Image(Relationship.SelectedFrom, frame));

    static DicomDataset Item(string relationship, string valueType, CodedConcept name)
    {
        var item = new DicomDataset()
            .AddOrUpdate(DicomTag.RelationshipType, relationship)
            .AddOrUpdate(DicomTag.ValueType, valueType);
        CodeSequence.Write(item, DicomTag.ConceptNameCodeSequence, name);
        return item;
    }

    static DicomDataset AsContainer(DicomDataset item, string? template, IEnumerable<DicomDataset> content)
    {
        item.AddOrUpdate(DicomTag.ContinuityOfContent, "SEPARATE");
        if (template is not null)
        {
            item.AddOrUpdate(DicomTag.ContentTemplateSequence, new DicomDataset()
                .AddOrUpdate(DicomTag.MappingResource, "DCMR")
                .AddOrUpdate(DicomTag.TemplateIdentifier, template));
        }
        return item.AddOrUpdate(DicomTag.ContentSequence, content.ToArray());
    }
}
