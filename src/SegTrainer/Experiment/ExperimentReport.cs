using System.Globalization;
using System.Text;

namespace SoftSeg.SegTrainer.Experiment;

/// <summary>One arm's figures, one value a test person.</summary>
/// <param name="Name">The arm.</param>
/// <param name="Deviation">Standard deviation of the area over contrasts, mm2.</param>
/// <param name="Error">Mean over contrasts of |area - true area|, mm2.</param>
/// <param name="Dice">Mean over contrasts.</param>
sealed record ArmFigures(string Name, double[] Deviation, double[] Error, double[] Dice)
{
    /// <summary>People whom the arm did not find in every contrast have no figures and are counted.</summary>
    public int Missed => Deviation.Count(double.IsNaN);

    public static ArmFigures Of(string arm, IEnumerable<ExperimentRow> rows)
    {
        var people = rows.Where(row => row.Arm == arm).GroupBy(row => row.Person).OrderBy(person => person.Key).Select(person => person.ToArray()).ToArray();
        return new(arm,
            [.. people.Select(person => DeviationOf([.. person.Select(row => row.Area)]))],
            [.. people.Select(person => person.Average(row => Math.Abs(row.Area - row.TrueArea)))],
            [.. people.Select(person => person.Average(row => row.Dice))]);
    }

    static double DeviationOf(double[] values) => Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1));
}

/// <summary>Table and violin plot of the experiment.</summary>
static class ExperimentReport
{
    /// <summary>A table in Markdown: mean (SD) over people, and the two-sided Wilcoxon signed-rank test of every arm against ours, times the number of comparisons (Bonferroni).</summary>
    public static string Table(ExperimentConfig config, IReadOnlyList<ExperimentRow> rows)
    {
        var arms = config.Arms.Select(arm => ArmFigures.Of(arm.Name, rows)).ToArray();
        var ours = arms.Single(arm => arm.Name == config.Ours);
        var truth = arms[0] with { Name = "the true share itself", Deviation = TrueDeviation(config.Arms[0].Name, rows) };
        var text = new StringBuilder("| arm | SD of the area over contrasts, mm2 | p | error of the area, mm2 | p | Dice | p | people missed |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var arm in arms)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {(arm == ours ? $"**{arm.Name}**" : arm.Name)} | {Cell(arm.Deviation, "0.00")} | {P(arm.Deviation, ours.Deviation)} | {Cell(arm.Error, "0.00")} | {P(arm.Error, ours.Error)} | {Cell(arm.Dice, "0.000")} | {P(arm.Dice, ours.Dice)} | {arm.Missed} |\n");

            string P(double[] values, double[] others)
            {
                if (arm == ours)
                    return "";
                var p = Math.Min(1, (arms.Length - 1) * Wilcoxon.TwoSided(values.Zip(others, (a, b) => a - b).Where(double.IsFinite)));
                return p < 0.001 ? "< 0.001" : p.ToString("0.000", CultureInfo.InvariantCulture);
            }
        }
        return text.Append(CultureInfo.InvariantCulture, $"| {truth.Name} | {Cell(truth.Deviation, "0.00")} | | | | | | |\n").ToString();
    }

    /// <summary>Bias of the mean area by contrast, percent of the truth.</summary>
    public static string BiasTable(ExperimentConfig config, IReadOnlyList<ExperimentRow> rows)
    {
        var contrasts = rows.Select(row => row.Contrast).Distinct().ToArray();
        var text = new StringBuilder($"| arm | {string.Join(" | ", contrasts)} |\n|---|{string.Concat(contrasts.Select(_ => "---|"))}\n");
        foreach (var arm in config.Arms)
        {
            var cells = contrasts.Select(contrast => rows.Where(row => row.Arm == arm.Name && row.Contrast == contrast && double.IsFinite(row.Area)).Select(row => (row.Area / row.TrueArea) - 1).DefaultIfEmpty(double.NaN).Average());
            text.Append(CultureInfo.InvariantCulture, $"| {arm.Name} | {string.Join(" | ", cells.Select(cell => cell.ToString("+0.0%;-0.0%", CultureInfo.InvariantCulture)))} |\n");
        }
        return text.ToString();
    }

    /// <summary>A violin an arm of the deviations over people, as SVG: a kernel density estimate to both sides, every person a dot, the mean a line.</summary>
    public static string Violins(ExperimentConfig config, IReadOnlyList<ExperimentRow> rows)
    {
        const int width = 110, height = 360, left = 60, top = 20;
        var arms = config.Arms.Select(arm => (arm.Name, Values: ArmFigures.Of(arm.Name, rows).Deviation.Where(double.IsFinite).ToArray())).ToArray();
        var most = Math.Max(0.1, arms.SelectMany(arm => arm.Values).DefaultIfEmpty(1).Max()) * 1.08;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {left + (arms.Length * width) + 20} {top + height + 60}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        var step = Math.Pow(10, Math.Floor(Math.Log10(most / 3)));
        step *= most / step > 12 ? 5 : most / step > 6 ? 2 : 1;
        for (var tick = 0.0; tick <= most; tick += step)
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{left}\" x2=\"{left + (arms.Length * width)}\" y1=\"{Y(tick):0.0}\" y2=\"{Y(tick):0.0}\" stroke=\"#ddd\"/><text x=\"{left - 8}\" y=\"{Y(tick) + 4:0.0}\" text-anchor=\"end\">{tick:0.##}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {top + (height / 2)}) rotate(-90)\" text-anchor=\"middle\">SD of the area over six contrasts, mm2</text>\n");
        for (var n = 0; n < arms.Length; n++)
        {
            var (name, values) = arms[n];
            var x = left + ((n + 0.5) * width);
            var outline = Density(values, most);
            var widest = Math.Max(1e-9, outline.Max(point => point.Density));
            var points = outline.Select(point => (X: x + (0.42 * width * point.Density / widest), Y: Y(point.Value))).Concat(outline.Reverse().Select(point => (X: x - (0.42 * width * point.Density / widest), Y: Y(point.Value))));
            svg.Append(CultureInfo.InvariantCulture, $"<polygon fill=\"{(name == config.Ours ? "#1f5fa8" : "#b8c4d0")}\" fill-opacity=\"0.6\" points=\"{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.0},{point.Y:0.0}")))}\"/>\n");
            for (var i = 0; i < values.Length; i++)
                svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x + (((i * 7 % 13) - 6) * 1.6):0.0}\" cy=\"{Y(values[i]):0.0}\" r=\"1.8\" fill=\"#333\" fill-opacity=\"0.6\"/>");
            if (values.Length > 0)
                svg.Append(CultureInfo.InvariantCulture, $"\n<line x1=\"{x - 26}\" x2=\"{x + 26}\" y1=\"{Y(values.Average()):0.0}\" y2=\"{Y(values.Average()):0.0}\" stroke=\"#c85a17\" stroke-width=\"2.5\"/>\n");
            var words = name.Split(' ');
            for (var line = 0; line < 3 && line * 2 < words.Length; line++)
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0}\" y=\"{top + height + 16 + (line * 14)}\" text-anchor=\"middle\">{string.Join(' ', words.Skip(line * 2).Take(line == 2 ? 9 : 2))}</text>\n");
        }
        return svg.Append("</svg>\n").ToString();

        double Y(double value) => top + (height * (1 - (value / most)));
    }

    static (double Value, double Density)[] Density(double[] values, double most)
    {
        if (values.Length == 0)
            return [(0, 0)];
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / Math.Max(1, values.Length - 1));
        // Silverman's rule.
        var bandwidth = Math.Max(most / 200, 1.06 * deviation * Math.Pow(values.Length, -0.2));
        var (low, high) = (Math.Max(0, values.Min() - bandwidth), values.Max() + bandwidth);
        return [.. Enumerable.Range(0, 61).Select(n => low + ((high - low) * n / 60)).Select(at => (at, values.Sum(value => Math.Exp(-0.5 * Math.Pow((at - value) / bandwidth, 2)))))];
    }

    static double[] TrueDeviation(string anyArm, IReadOnlyList<ExperimentRow> rows) =>
        ArmFigures.Of(anyArm, rows.Select(row => row with { Area = row.TrueArea })).Deviation;

    static string Cell(double[] values, string format)
    {
        var finite = values.Where(double.IsFinite).ToArray();
        if (finite.Length < 2)
            return "none";
        var mean = finite.Average();
        var deviation = Math.Sqrt(finite.Sum(value => Math.Pow(value - mean, 2)) / (finite.Length - 1));
        return $"{mean.ToString(format, CultureInfo.InvariantCulture)} ({deviation.ToString(format, CultureInfo.InvariantCulture)})";
    }
}
