namespace SoftSeg.SegEngine;

/// <summary>
/// Sides of an image's own pixel across the cord, mm. On the fine grid large pixels look like blurred borders of something smaller: a network that is told
/// how large they are need not guess which of both it sees (decision 0068).
/// </summary>
/// <param name="Row">From front to back.</param>
/// <param name="Column">From right to left.</param>
public readonly record struct AcquiredPixel(double Row, double Column)
{
    /// <summary>How many numbers a network is given.</summary>
    public const int Numbers = 2;

    /// <summary>Of longer sides no more than this is told: 9.6 mm.</summary>
    const double MostDoublings = 4;

    /// <summary>Writes what a network's input <c>pixel</c> takes: the sides' binary logarithms in units of the fine grid's, 0 for all that is finer.</summary>
    public void Write(Span<float> numbers) => (numbers[0], numbers[1]) = (Doublings(Row), Doublings(Column));

    static float Doublings(double side) => (float)Math.Clamp(Math.Log2(Math.Max(side, FineInput.PixelSpacing) / FineInput.PixelSpacing), 0, MostDoublings);
}
