using System.Globalization;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Imaging;

namespace SoftSeg.DicomReader;

/// <summary>How a frame was acquired: what makes two images at the same place different images.</summary>
sealed record FrameAcquisition
{
    /// <summary>ImageType of a classic image, FrameType of an Enhanced one.</summary>
    public required string[] ImageType { get; init; }

    public ComplexComponent Component { get; init; }

    public double? EchoTime { get; init; }

    public int? EchoNumber { get; init; }

    public Diffusion Diffusion { get; init; }

    /// <summary>Stack that a multi-frame instance puts the frame in.</summary>
    public string? StackId { get; init; }

    public int? TemporalPosition { get; init; }

    public int? AcquisitionNumber { get; init; }

    /// <summary>Null where it is no number: it only serves where nothing else does.</summary>
    public int? InstanceNumber { get; init; }

    public double? InversionTime { get; init; }

    public double? FlipAngle { get; init; }

    public double? TriggerTime { get; init; }

    /// <summary>What the instance itself counts its frames by (PS3.3 C.7.6.17), one number a dimension.</summary>
    public int[] DimensionIndexValues { get; init; } = [];

    public bool IsDerived => ImageType is [var first, ..] && first.Equals("DERIVED", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="DicomDataException">A value can't be read as what its attribute is.</exception>
    public static FrameAcquisition Of(ImageFrame frame)
    {
        var instance = frame.Instance;
        var content = frame.FunctionalGroup(DicomTag.FrameContentSequence);
        var frameType = frame.FunctionalGroup(DicomTag.MRImageFrameTypeSequence);
        var timing = frame.FunctionalGroup(DicomTag.MRTimingAndRelatedParametersSequence);
        var cardiac = frame.FunctionalGroup(DicomTag.CardiacSynchronizationSequence);
        var imageType = frameType?.GetStrings(DicomTag.FrameType) is { Length: > 0 } type ? type : instance.GetStrings(DicomTag.ImageType);
        return new()
        {
            ImageType = imageType,
            Component = ComponentOf(frame, frameType, imageType),
            EchoTime = frame.FunctionalGroup(DicomTag.MREchoSequence)?.GetDoubleOrNull(DicomTag.EffectiveEchoTime)
                       ?? instance.GetDoubleOrNull(DicomTag.EchoTime),
            EchoNumber = instance.GetInt32OrNull(DicomTag.EchoNumbers),
            Diffusion = Diffusion.Of(frame),
            StackId = content?.GetStringOrNull(DicomTag.StackID),
            TemporalPosition = content?.GetInt32OrNull(DicomTag.TemporalPositionIndex) ?? instance.GetInt32OrNull(DicomTag.TemporalPositionIdentifier),
            AcquisitionNumber = content?.GetInt32OrNull(DicomTag.FrameAcquisitionNumber) ?? instance.GetInt32OrNull(DicomTag.AcquisitionNumber),
            InstanceNumber = int.TryParse(instance.GetStringOrNull(DicomTag.InstanceNumber), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null,
            InversionTime = frame.FunctionalGroup(DicomTag.MRModifierSequence)?.GetDoubleOrNull(DicomTag.InversionTimes) ?? instance.GetDoubleOrNull(DicomTag.InversionTime),
            FlipAngle = timing?.GetDoubleOrNull(DicomTag.FlipAngle) ?? instance.GetDoubleOrNull(DicomTag.FlipAngle),
            TriggerTime = cardiac?.GetDoubleOrNull(DicomTag.NominalCardiacTriggerDelayTime) ?? instance.GetDoubleOrNull(DicomTag.TriggerTime),
            DimensionIndexValues = content?.GetDoubles(DicomTag.DimensionIndexValues).Select(v => (int)v).ToArray() ?? [],
        };
    }

    /// <summary>Names by which ImageType values tell the component; the vendors' spellings beside the standard's.</summary>
    static ComplexComponent ComponentOf(ImageFrame frame, DicomDataset? frameType, string[] imageType)
    {
        var standard = frameType?.GetStringOrNull(DicomTag.ComplexImageComponent) ?? frame.Instance.GetStringOrNull(DicomTag.ComplexImageComponent);
        switch (standard?.ToUpperInvariant())
        {
            case "MAGNITUDE": return ComplexComponent.Magnitude;
            case "PHASE": return ComplexComponent.Phase;
            case "REAL": return ComplexComponent.Real;
            case "IMAGINARY": return ComplexComponent.Imaginary;
        }
        foreach (var value in imageType.Skip(2))
        {
            switch (value.ToUpperInvariant())
            {
                case "M" or "MAGNITUDE" or "M_FFE" or "M_SE" or "M_IR": return ComplexComponent.Magnitude;
                case "P" or "PHASE" or "PHASE MAP" or "PHASE_MAP": return ComplexComponent.Phase;
                case "R" or "REAL" or "R_FFE" or "R_SE" or "R_IR": return ComplexComponent.Real;
                case "I" or "IMAGINARY" or "I_FFE" or "I_SE" or "I_IR": return ComplexComponent.Imaginary;
            }
        }
        // GE: 0 magnitude, 1 phase, 2 real, 3 imaginary.
        if (PrivateNumbers.Of(frame.Instance, "GEMS_PARM_01", 0x0043, 0x2F) is [var ge, ..] && ge is 0 or 1 or 2 or 3)
            return (ComplexComponent)(int)ge;
        return standard?.ToUpperInvariant() == "MIXED" ? ComplexComponent.Mixed : ComplexComponent.Magnitude;
    }
}
