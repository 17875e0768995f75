using System.Globalization;

namespace SoftSeg.DicomWriter;

/// <summary>Decimal String (DS), PS3.5 6.2: at most 16 characters.</summary>
static class DecimalString
{
    /// <summary>The value with as many significant digits as fit.</summary>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    public static string Format(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentException($"{value} can't be written as a decimal string.", nameof(value));
        if (value == 0)
            return "0";
        // R first: 0.1 stays 0.1 where G16 would do the same but 1/3 needs fewer digits.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        for (var digits = 15; text.Length > 16; digits--)
            text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text;
    }

    /// <summary>The value rounded to <paramref name="decimals"/> places, without trailing zeros.</summary>
    public static string Format(double value, int decimals) => Format(Math.Round(value, decimals));
}
