namespace SoftSeg.DicomWriter.Images;

/// <summary>Patient, study and acquisition of a generated MR series. The defaults name nobody.</summary>
public sealed record MrSeriesDescription
{
    /// <summary>Specific Character Set (0008,0005), as many values as code extensions are used; empty for the default repertoire.</summary>
    public IReadOnlyList<string> SpecificCharacterSet { get; init; } = ["ISO_IR 192"];

    public string PatientName { get; init; } = "Phantom^Spine";

    public string PatientId { get; init; } = "PHANTOM-1";

    public string PatientBirthDate { get; init; } = "19800101";

    public string PatientSex { get; init; } = "O";

    public string AccessionNumber { get; init; } = "PHANTOM";

    public string StudyId { get; init; } = "1";

    /// <summary>Date of everything, <c>yyyyMMdd</c>.</summary>
    public string Date { get; init; } = "20260102";

    /// <summary>Time of everything, <c>HHmmss</c>.</summary>
    public string Time { get; init; } = "101500";

    public string StudyDescription { get; init; } = "MR CERVICAL SPINE";

    public string SeriesDescription { get; init; } = "T2w phantom";

    public int SeriesNumber { get; init; } = 3;

    public string BodyPartExamined { get; init; } = "CSPINE";

    /// <summary>Repetition Time, ms.</summary>
    public double RepetitionTime { get; init; } = 2500;

    /// <summary>Echo Time, ms.</summary>
    public double EchoTime { get; init; } = 90;

    /// <summary>Slice Thickness, mm; null takes the distance between slices.</summary>
    public double? SliceThickness { get; init; }

    /// <summary>Study Instance UID; null derives it from the voxels and this description, and so do the two below.</summary>
    public string? StudyInstanceUid { get; init; }

    public string? SeriesInstanceUid { get; init; }

    public string? FrameOfReferenceUid { get; init; }
}
