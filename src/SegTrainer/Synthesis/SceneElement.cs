using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>Where along the spine an element is seen.</summary>
public enum Presence { Always, VertebraOnly, DiscOnly }

/// <summary>A blob of one tissue that runs along the spine, placed relative to the canal's centre.</summary>
public sealed class SceneElement
{
    readonly Wave _x;
    readonly Wave _y;
    readonly Wave _size;
    readonly float _a;
    readonly float _b;
    readonly float _tilt;
    readonly Harmonics _harmonics;

    public SceneElement(Random random, Tissue tissue, double x, double y, double a, double b, double tilt = 0, double wander = 2, double irregular = 0.06)
    {
        ArgumentNullException.ThrowIfNull(random);
        Tissue = tissue;
        _x = new Wave(random, (float)x, wander);
        _y = new Wave(random, (float)y, wander);
        _size = new Wave(random, 1, 0.1, 30);
        (_a, _b, _tilt) = ((float)a, (float)b, (float)tilt);
        _harmonics = Harmonics.Draw(random, irregular);
    }

    public Tissue Tissue { get; }

    public Presence Presence { get; init; }

    public float Opacity { get; init; } = 1;

    /// <summary>Width of the border, mm.</summary>
    public float Softness { get; init; }

    /// <summary>Extent along the spine, mm; beyond it the element tapers away.</summary>
    public (float From, float To) Extent { get; init; } = (float.NegativeInfinity, float.PositiveInfinity);

    /// <summary>Added to the tissue's intensity.</summary>
    public float Shade { get; init; }

    public void Paint(SliceCanvas canvas, TissueIntensities tissues, float canalX, float canalY, float z, bool disc, int textureRow)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        ArgumentNullException.ThrowIfNull(tissues);
        if ((Presence == Presence.DiscOnly && !disc) || (Presence == Presence.VertebraOnly && disc) || z < Extent.From || z > Extent.To)
            return;
        var size = Math.Max(0.2f, _size.At(z));
        if (float.IsFinite(Extent.From))
        {
            var t = ((2 * (z - Extent.From)) / (Extent.To - Extent.From)) - 1;
            size *= MathF.Sqrt(Math.Max(0, 1 - (t * t)));
        }
        canvas.Paint(new Blob(canalX + _x.At(z), canalY + _y.At(z), _a * size, _b * size, _tilt, _harmonics),
            tissues[Tissue] + Shade, tissues.TextureOf(Tissue).Moved(textureRow), Opacity, Softness);
    }
}
