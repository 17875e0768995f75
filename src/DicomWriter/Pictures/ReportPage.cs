using System.Globalization;
using SkiaSharp;
using SoftSeg.Dicom;
using SoftSeg.DicomWriter.Modules;
using SoftSeg.DicomWriter.Reports;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomWriter.Pictures;

/// <summary>
/// The page that a reader takes in within ten seconds: the cord with its mask, its area along the way, the numbers, what was withheld and why, and what made them.
/// Drawn once, onto a PDF page or onto a picture.
/// </summary>
sealed class ReportPage
{
    /// <summary>A4, points.</summary>
    public const int Width = 595, Height = 842;

    const float Margin = 36;

    /// <summary>Where panels and plot begin, and their height.</summary>
    const float Top = 132, Panels = 400;

    static readonly SKColor Ink = new(25, 25, 28);
    static readonly SKColor Faint = new(110, 110, 116);
    static readonly SKColor Warning = new(190, 20, 20);

    readonly ResultContext context;
    readonly CordPanels panels;
    readonly CordMeasurements measurements;

    /// <param name="context">Source, model and settings.</param>
    /// <param name="image">The source's intensities on the mask's grid.</param>
    /// <param name="measurements">What was measured on the mask.</param>
    public ReportPage(ResultContext context, Volume image, CordMeasurements measurements)
    {
        this.context = context;
        this.measurements = measurements;
        panels = new CordPanels(image, context.Mask);
    }

    public void Draw(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        using var title = new SKFont(Typefaces.Sans, 18) { Embolden = true };
        using var text = new SKFont(Typefaces.Sans, 9);
        using var small = new SKFont(Typefaces.Sans, 7.5f);

        Line(canvas, $"{context.Segment.Label}: cross-sectional area", Margin, 56, title, Ink);
        if (context.NotForClinicalUse)
            Line(canvas, ResultText.NotForClinicalUse, Width - Margin, 56, text, Warning, SKTextAlign.Right);
        var y = 74f;
        foreach (var line in Heading())
            Line(canvas, line, Margin, y += 12, text, Ink);

        var stretched = panels.StretchedSize(215, Panels);
        panels.DrawStretched(canvas, SKRect.Create(Margin, Top, stretched.Width, stretched.Height));
        var cut = (Panels - (3 * 8)) / 4;
        var left = Margin + stretched.Width + 10;
        var top = Top;
        foreach (var slice in panels.Cuts(4))
        {
            panels.DrawCut(canvas, SKRect.Create(left, top, cut, cut), 36, slice);
            top += cut + 8;
        }
        left += cut + 14;
        panels.DrawAreas(canvas, SKRect.Create(left, Top, Width - Margin - left, stretched.Height), measurements.Stations, small, Ink);
        y = Top + Panels + 4;
        foreach (var line in Wrap("Image and mask along the centre line; colour: share of the voxel that is cord; contour: a share of 0.5. Curve: valid cross-sections and the 95 % interval of their area; hollow dots: withheld.", small))
            Line(canvas, line, Margin, y += 10, small, Faint);

        y += 24;
        foreach (var (name, value) in Numbers())
        {
            Line(canvas, name, Margin, y, text, Faint);
            Line(canvas, value, Margin + 175, y, text, Ink);
            y += 13.5f;
        }
        y += 6;
        foreach (var line in Remarks().SelectMany(line => Wrap(line, text)).Take(7))
        {
            Line(canvas, line, Margin, y, text, Ink);
            y += 12;
        }
        y = Height - Margin - 30;
        foreach (var line in Provenance().SelectMany(line => Wrap(line, small)).TakeLast(4))
            Line(canvas, line, Margin, y += 10, small, Faint);
    }

    IEnumerable<string> Heading()
    {
        var instance = context.Source.Instance;
        yield return $"Patient {Name(instance.GetStringOrNull(DicomTag.PatientName) ?? "")}     ID {Value(DicomTag.PatientID)}     study of {Date(Value(DicomTag.StudyDate))}     accession {Value(DicomTag.AccessionNumber)}";
        yield return $"Series {Value(DicomTag.SeriesNumber)}: {Value(DicomTag.SeriesDescription)}";
        yield return $"{context.Mask.Slices} slices of {context.Mask.Rows} x {context.Mask.Columns}, {Spacing()}";

        string Value(DicomTag tag) => instance.GetStringOrNull(tag)?.Trim() is { Length: > 0 } value ? ResultText.Truncate(value, 64) : "-";
    }

    /// <summary>A PN value as people write it: <c>山田 太郎 (Yamada Tarou)</c>; groups in a script that can't be drawn are left out (PS3.5 6.2.1).</summary>
    internal static string Name(string name)
    {
        string[] groups = [.. name.Split('=').Take(2).Select(group => string.Join(' ', group.Split('^', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))];
        string[] drawn = [.. groups.Reverse().Where(group => group.Length > 0 && Typefaces.CanDraw(group)).Select(group => ResultText.Truncate(group, 64))];
        return drawn switch { [] => "-", [var only] => only, _ => $"{drawn[0]} ({drawn[1]})" };
    }

    string Spacing()
    {
        var (slice, row, column) = context.Mask.Affine.Spacing;
        return string.Create(CultureInfo.InvariantCulture, $"{row:0.##} x {column:0.##} mm, {slice:0.##} mm between slices");
    }

    IEnumerable<(string Name, string Value)> Numbers()
    {
        var whole = measurements.Whole;
        var kind = measurements.StationsAreSlices ? "the source's slices" : "planes across the centre line, 1 mm apart";
        yield return ("Cross-sections", $"{measurements.Stations.Count}, of which {whole.ValidStations} valid ({kind})");
        if (whole.ValidStations > 0)
        {
            var interval = whole.MeanAreaHalfWidth is { } half ? Text($"  (95 % interval {whole.MeanArea - half:0.0} to {whole.MeanArea + half:0.0})") : "";
            yield return ("Area, mean", Text($"{whole.MeanArea:0.0} mm2") + interval);
            yield return ("Area, SD; least; greatest", Text($"{whole.StandardDeviationArea:0.0}; {whole.MinimumArea:0.0}; {whole.MaximumArea:0.0} mm2"));
            yield return ("Diameter AP; transverse, mean", Text($"{whole.MeanDiameterAP:0.0}; {whole.MeanDiameterRL:0.0} mm"));
        }
        yield return ("Length; volume in the field of view", Text($"{whole.Length:0} mm; {whole.Volume / 1000:0.00} ml"));
    }

    /// <summary>First what is about every number above: the lines below may not have room.</summary>
    IEnumerable<string> Remarks() =>
    [
        .. LossyCompression.Sentence(context.Source) is { } loss ? [loss] : Array.Empty<string>(),
        .. context.Notes,
        .. Withheld.Sentences(context, measurements).DefaultIfEmpty("Nothing was withheld."),
    ];

    IEnumerable<string> Provenance()
    {
        var algorithm = context.Algorithm;
        yield return $"Model {algorithm.ModelName} {algorithm.ModelVersion} (sha256 {algorithm.ModelSha256[..Math.Min(16, algorithm.ModelSha256.Length)]}), software {algorithm.SoftwareVersion}, measurement {algorithm.MeasurementVersion}"
            + string.Concat(context.Settings.Select(setting => $", {setting.Key} {setting.Value}")) + ".";
        yield return "Areas are sums of shares on planes across the cord. The interval is about the error against the true share, not about what another method would call cord.";
    }

    static IEnumerable<string> Wrap(string text, SKFont font)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && font.MeasureText(longer) > Width - (2 * Margin))
            {
                yield return line;
                longer = word;
            }
            line = longer;
        }
        yield return line;
    }

    static void Line(SKCanvas canvas, string text, float x, float y, SKFont font, SKColor colour, SKTextAlign align = SKTextAlign.Left)
    {
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        var runs = Typefaces.Runs(text).Select(run => (run.Text, Font: new SKFont(run.Typeface, font.Size) { Embolden = font.Embolden })).ToArray();
        if (align == SKTextAlign.Right)
            x -= runs.Sum(run => run.Font.MeasureText(run.Text));
        foreach (var run in runs)
        {
            using var own = run.Font;
            if (run.Font.Typeface == Typefaces.Sans)
            {
                canvas.DrawText(run.Text, x, y, SKTextAlign.Left, own, paint);
            }
            else
            {
                // A PDF would hold the whole typeface, megabytes for a few characters: their outlines do.
                using var outline = own.GetTextPath(run.Text, new SKPoint(x, y));
                canvas.DrawPath(outline, paint);
            }
            x += own.MeasureText(run.Text);
        }
    }

    static string Date(string date) => date.Length == 8 ? $"{date[..4]}-{date[4..6]}-{date[6..]}" : date;

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
