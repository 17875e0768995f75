namespace SoftSeg.Dicom;

/// <summary>A person's name: up to three component groups of five components each (PS3.5 6.2.1).</summary>
public sealed record DicomPersonName
{
    /// <summary>Components of the alphabetic group: family, given, middle, prefix, suffix.</summary>
    public DicomPersonNameGroup Alphabetic { get; init; } = DicomPersonNameGroup.Empty;

    public DicomPersonNameGroup Ideographic { get; init; } = DicomPersonNameGroup.Empty;

    public DicomPersonNameGroup Phonetic { get; init; } = DicomPersonNameGroup.Empty;

    public string FamilyName => Alphabetic.FamilyName;
    public string GivenName => Alphabetic.GivenName;

    public static DicomPersonName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var groups = text.Split('=', 3);
        return new DicomPersonName
        {
            Alphabetic = DicomPersonNameGroup.Parse(groups[0]),
            Ideographic = groups.Length > 1 ? DicomPersonNameGroup.Parse(groups[1]) : DicomPersonNameGroup.Empty,
            Phonetic = groups.Length > 2 ? DicomPersonNameGroup.Parse(groups[2]) : DicomPersonNameGroup.Empty,
        };
    }

    /// <summary>As in a data set: "Yamada^Tarou=山田^太郎=やまだ^たろう", without delimiters after the last component or group.</summary>
    public override string ToString() => $"{Alphabetic}={Ideographic}={Phonetic}".TrimEnd('=');
}

/// <summary>One component group of a person's name.</summary>
public sealed record DicomPersonNameGroup(string FamilyName, string GivenName = "", string MiddleName = "", string Prefix = "", string Suffix = "")
{
    public static DicomPersonNameGroup Empty { get; } = new("");

    public bool IsEmpty => this == Empty;

    public static DicomPersonNameGroup Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('^', 5);
        string Part(int i) => i < parts.Length ? parts[i].Trim(' ') : "";
        return new DicomPersonNameGroup(Part(0), Part(1), Part(2), Part(3), Part(4));
    }

    public override string ToString() => $"{FamilyName}^{GivenName}^{MiddleName}^{Prefix}^{Suffix}".TrimEnd('^');
}
