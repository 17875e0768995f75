using System.Globalization;
using SoftSeg.Dicom;

namespace SoftSeg.DicomWriter;

/// <summary>The texts of a result that people read in a list of series: the same input gives the same words.</summary>
static class ResultText
{
    public const string NotForClinicalUse = "NOT FOR CLINICAL USE";

    /// <summary>Longest LO value, characters.</summary>
    const int LongString = 64;

    /// <summary><c>SoftSeg cord v1.0 [source description]</c>; the source's words are shortened first, ours never.</summary>
    public static string SeriesDescription(ResultContext context, string kind)
    {
        var head = Value($"SoftSeg {context.Segment.ShortName}{(kind.Length > 0 ? " " + kind : "")} v{context.Algorithm.ModelVersion}", LongString);
        var tail = context.NotForClinicalUse ? " " + NotForClinicalUse : "";
        var room = LongString - head.Length - tail.Length - " []".Length;
        // A backslash would make two values of one.
        var source = Fitting(context.Source.Description.Replace('\\', '/'), room, context.Source.Instance.CharacterSet);
        var middle = source.Length > 0 && room > 3 ? $" [{source}]" : "";
        return Truncate(head, LongString - tail.Length) + middle + tail;
    }

    /// <summary>
    /// The first words that take at most <paramref name="bytes"/> bytes: the standard counts characters, but archives and validators that count bytes are many.
    /// Words that the source's declared set does not hold (it was declared wrongly) are written plainly.
    /// </summary>
    static string Fitting(string text, int bytes, DicomCharacterSet characterSet)
    {
        try
        {
            while (text.Length > 0 && new DicomElement(DicomTag.SeriesDescription, DicomVR.LO, text).GetBytes(characterSet).Length > bytes)
                text = Truncate(text, text.Length - 1);
            return text;
        }
        catch (DicomDataException)
        {
            return Truncate(Printable(text), bytes);
        }
    }

    /// <summary>Content Description (0070,0081).</summary>
    public static string ContentDescription(ResultContext context, string words) =>
        Truncate(context.NotForClinicalUse ? $"{words} {NotForClinicalUse}" : words, LongString);

    /// <summary>Algorithm Parameters (0066,0032): everything that decides the result and has no attribute of its own.</summary>
    public static string AlgorithmParameters(ResultContext context)
    {
        var algorithm = context.Algorithm;
        var settings = string.Concat(context.Settings.Select(s => $"; {s.Key}={s.Value}"));
        return Truncate(Printable(
            $"model sha256={algorithm.ModelSha256}; software={algorithm.SoftwareVersion}; measurement={algorithm.MeasurementVersion}{settings}"), 10240);
    }

    /// <summary>
    /// ASCII only, because the character set of a result is the source's and may have nothing else; the source's own words are
    /// exempt, they come in that set.
    /// </summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(c => c is >= ' ' and <= '~' or '\n' or '\r' ? c : '?'));

    /// <summary>One value of an LO or SH attribute from words of a model or a configuration: printable, without a backslash.</summary>
    public static string Value(string text, int length = LongString) => Truncate(Printable(text).Replace('\\', '/').ReplaceLineEndings(" ").Trim(), length);

    /// <summary>At most <paramref name="length"/> characters, never half of a surrogate pair or of a combined character.</summary>
    public static string Truncate(string text, int length)
    {
        if (text.Length <= length)
            return text;
        var end = 0;
        while (StringInfo.GetNextTextElementLength(text, end) is var next && end + next <= length)
            end += next;
        return text[..end].TrimEnd();
    }
}
