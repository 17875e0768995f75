using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>The cord of a scene: its section at every z, what is drawn inside it, and where it lies in the canal.</summary>
public sealed class CordSceneGeometry
{
    readonly CordShape? _outline;
    readonly CordShape? _grey;
    readonly Wave _tilt;
    readonly Wave _offsetX;
    readonly Wave _offsetY;
    readonly Harmonics _harmonics;
    readonly float _dent;
    readonly float _dentAt;
    readonly float _fade;
    readonly float _greyContrast;
    readonly List<SceneElement> _lesions = [];
    readonly float _focal = 1;
    readonly float _focalAt;
    readonly float _focalWidth = 1;

    public CordSceneGeometry(Random random, IReadOnlyList<CordShape> shapes, SceneVariety variety = SceneVariety.Any)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(shapes);
        var healthy = variety is SceneVariety.Healthy or SceneVariety.AnySize;
        _outline = shapes.Count > 0 && random.Chance(0.6) ? random.Pick(shapes) : null;
        if (shapes.Count > 0 && random.Chance(0.8))
            _grey = _outline?.Grey is not null ? _outline : random.Pick(shapes);
        if (healthy)
            _grey ??= CordShape.Butterfly;
        float width, height;
        if (healthy)
        {
            // Half the diameters at C2 to C6 of healthy people, mm.
            (width, height) = (6.2f + random.Normal(0.45), 3.8f + random.Normal(0.3));
            if (variety == SceneVariety.AnySize)
            {
                var (size, flatness) = (random.LogUniform(0.7, 1.3), random.LogUniform(0.88, 1.14));
                (width, height) = (width * size * flatness, height * size / flatness);
            }
        }
        else if (_outline is not null && random.Chance(0.7))
        {
            var scale = random.LogUniform(0.8, 1.2);
            (width, height) = (_outline.HalfWidth * scale * random.LogUniform(0.9, 1.1), _outline.HalfHeight * scale * random.LogUniform(0.9, 1.1));
        }
        else
        {
            height = random.Uniform(2, 5);
            width = height * random.Uniform(0.9, 2.2);
        }
        width = Math.Clamp(width, 2.8f, 8f);
        height = Math.Clamp(height, 1.8f, 5.2f);
        HalfWidth = new Wave(random, width, 0.06 * width, 40);
        HalfHeight = new Wave(random, height, 0.06 * height, 40);
        _tilt = new Wave(random, random.Normal(0.12), 0.08);
        // Place inside the canal, -1..1 of the room that is left.
        _offsetX = new Wave(random, random.Normal(0.3), 0.2);
        _offsetY = new Wave(random, random.Normal(0.45), 0.3);
        _harmonics = Harmonics.Draw(random, 0.04);
        if (healthy)
        {
            _greyContrast = 1;
            return;
        }
        (_dent, _dentAt) = (random.Chance(0.12) ? random.Uniform(0.1, 0.45) : 0, random.Normal(15));
        _fade = random.Chance(0.08) ? random.Uniform(0.2, 0.8) : 0;
        _greyContrast = random.Chance(0.15) ? random.Uniform(0, 2) : 1;
        for (var i = random.Chance(0.15) ? random.Next(1, 4) : 0; i > 0; i--)
        {
            var length = random.Uniform(6, 40);
            var centre = random.Chance(0.6) ? random.Normal(6) : random.Normal(60);
            _lesions.Add(new SceneElement(random, Tissue.Lesion, random.Normal(0.4 * width), random.Normal(0.4 * height),
                random.Uniform(0.6, 0.6 * width), random.Uniform(0.6, 0.6 * height), random.Uniform(0, 3), 0.4, 0.15)
            {
                Extent = (centre - length, centre + length),
                Opacity = random.Uniform(0.3, 1),
                Softness = random.Uniform(0, 2),
            });
        }
        if (variety != SceneVariety.Sick)
            return;
        // Wasting by injury, sclerosis or age; swelling by a tumour or a fresh inflammation. Mostly a level or two, else all along.
        _focal = random.Chance(0.6) ? random.Uniform(0.5, 0.85) : random.Uniform(1.15, 1.5);
        (_focalAt, _focalWidth) = (random.Normal(20), random.Chance(0.7) ? random.Uniform(6, 25) : 500);
    }

    /// <summary>The cord's diameters at z over those without swelling or atrophy.</summary>
    public float SwellingAt(float z) => 1 + ((_focal - 1) * MathF.Exp(-(z - _focalAt) * (z - _focalAt) / (2 * _focalWidth * _focalWidth)));

    public Wave HalfWidth { get; }

    public Wave HalfHeight { get; }

    /// <summary>Where the cord's centre lies relative to the canal's, mm.</summary>
    public (float X, float Y) Offset(float width, float height, float z) => (
        Math.Clamp(_offsetX.At(z), -1, 1) * Math.Max(0, width - HalfWidth.At(z)),
        Math.Clamp(_offsetY.At(z), -1, 1) * Math.Max(0, height - HalfHeight.At(z)));

    /// <param name="size">1 for the whole cord, less where it tapers.</param>
    public void Paint(SliceCanvas canvas, TissueIntensities tissues, float canalX, float canalY, float width, float height, float z, float size, int textureRow)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        ArgumentNullException.ThrowIfNull(tissues);
        var (x, y) = Offset(width, height, z);
        var dent = _dent * MathF.Exp(-(z - _dentAt) * (z - _dentAt) / 200);
        size *= SwellingAt(z);
        var section = new CordSection(Math.Max(0.3f, HalfWidth.At(z) * size), Math.Max(0.3f, HalfHeight.At(z) * size), _tilt.At(z), _outline, _grey, _harmonics, dent);
        var white = tissues[Tissue.White];
        canvas.PaintCord(section, canalX + x, canalY + y, white, white + (_greyContrast * (tissues[Tissue.Grey] - white)),
            tissues.TextureOf(Tissue.White).Moved(textureRow), _fade, tissues.BorderLine);
        foreach (var lesion in _lesions)
            lesion.Paint(canvas, tissues, canalX + x, canalY + y, z, false, textureRow);
    }
}

/// <summary>Nerve roots: beside the cord where there is one, a bundle of dots below it.</summary>
public sealed class RootBundle
{
    readonly (float Angle, float Distance, float Radius, float Phase)[] _roots;
    readonly bool _cauda;
    readonly float _shade;

    public RootBundle(Random random, bool cauda)
    {
        ArgumentNullException.ThrowIfNull(random);
        _cauda = cauda;
        _roots = new (float, float, float, float)[cauda ? random.Chance(0.15) ? 0 : random.Next(2, 40) : random.Chance(0.6) ? random.Next(2, 7) : 0];
        // From strands all over the canal to a bundle that a thick slice shows as one body.
        var spread = cauda ? random.Uniform(0.35, 1) : 1;
        for (var i = 0; i < _roots.Length; i++)
        {
            _roots[i] = (random.Uniform(0, Math.Tau), spread * MathF.Sqrt(random.Uniform(0, 1)), random.Uniform(0.3, cauda ? 1.5 : 0.9), random.Uniform(0, Math.Tau));
        }
        // Roots sink to the back when a person lies.
        _shade = random.Chance(0.7) ? random.Uniform(0, 0.85) : 0;
    }

    public void Paint(SliceCanvas canvas, SpineScene scene, float x, float y, float width, float height, float z, CordSceneGeometry? cord)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        ArgumentNullException.ThrowIfNull(scene);
        foreach (var root in _roots)
        {
            var angle = root.Angle + (0.4f * MathF.Sin((z / 30) + root.Phase));
            var (sin, cos) = MathF.SinCos(angle);
            float rx, ry;
            if (_cauda || cord is null)
            {
                (rx, ry) = (width * 0.85f * root.Distance * cos, height * 0.85f * ((root.Distance * sin * (1 - (_shade / 2))) + (_shade / 2)));
            }
            else
            {
                // Left and right of the cord, in what is left of the canal.
                var (ox, oy) = cord.Offset(width, height, z);
                var side = cos < 0 ? -1 : 1;
                rx = (ox + (side * (cord.HalfWidth.Mean + width)) + (side * root.Distance)) / 2;
                ry = oy + (sin * cord.HalfHeight.Mean);
            }
            canvas.Paint(new Blob(x + rx, y + ry, root.Radius, root.Radius), scene.Tissues[Tissue.Root], scene.Tissues.TextureOf(Tissue.Root));
        }
    }
}
