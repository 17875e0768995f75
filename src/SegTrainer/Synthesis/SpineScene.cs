using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>What a scene shows.</summary>
public enum SceneKind
{
    /// <summary>A spine with the cord in its canal.</summary>
    Cord,

    /// <summary>A lumbar spine below the conus: a canal with roots and no cord.</summary>
    CaudaEquina,
}

/// <summary>How far from a healthy neck a scene may be.</summary>
public enum SceneVariety
{
    /// <summary>Anything that a network should withstand: clutter, hardly any CSF, sick cords.</summary>
    Any,

    /// <summary>A healthy neck with nothing foreign in it.</summary>
    Healthy,

    /// <summary>
    /// The same, with a cord and a canal of any size: a network that has seen healthy ones alone draws small cords too large and large ones too small wherever
    /// the border is not plain (decision 0077).
    /// </summary>
    AnySize,

    /// <summary>Anything, and a cord that is swollen or wasted, all along or in one place.</summary>
    Sick,
}

/// <summary>
/// A random stretch of body around the spine, painted slice by slice: everything is drawn when the scene is made, and varies
/// smoothly along z (mm, to the head). Anatomy is in mm relative to the canal (x to the left, y to the posterior).
/// </summary>
public sealed class SpineScene
{
    readonly List<SceneElement> _body = [];
    readonly List<SceneElement> _canal = [];
    readonly List<SceneElement> _flow = [];
    readonly Wave _x;
    readonly Wave _y;
    readonly float _slopeX;
    readonly float _slopeY;
    readonly float _discPeriod;
    readonly float _discHeight;
    readonly float _discPhase;
    readonly Wave _canalHalfWidth;
    readonly Wave _canalHalfHeight;
    readonly Harmonics _canalShape;
    readonly float _duraWidth;
    readonly float _skinPosterior;
    readonly CordSceneGeometry _cord;
    readonly RootBundle _roots;
    readonly bool _airOutside;
    readonly Blob _skin;
    readonly Blob _flesh;

    /// <param name="random">Decides everything.</param>
    /// <param name="shapes">Real outlines and grey matter; may be empty.</param>
    /// <param name="kind">What to show.</param>
    /// <param name="variety">How far from a healthy neck.</param>
    public SpineScene(Random random, IReadOnlyList<CordShape> shapes, SceneKind kind = SceneKind.Cord, SceneVariety variety = SceneVariety.Any)
    {
        ArgumentNullException.ThrowIfNull(random);
        Kind = kind;
        var healthy = variety is SceneVariety.Healthy or SceneVariety.AnySize;
        Tissues = TissueIntensities.Draw(random);
        var bend = random.Uniform(0, healthy ? 4 : 10);
        _x = new Wave(random, 0, bend / 4);
        _y = new Wave(random, 0, bend);
        (_slopeX, _slopeY) = (random.Normal(0.06), random.Normal(0.15));
        _discPeriod = random.Uniform(14, 34);
        _discHeight = _discPeriod * random.Uniform(0.15, 0.35);
        _discPhase = random.Uniform(0, _discPeriod);

        _cord = new CordSceneGeometry(random, shapes, variety);
        var gap = variety switch
        {
            SceneVariety.Healthy => random.Uniform(2, 4),
            SceneVariety.AnySize => random.LogUniform(1.2, 6),
            _ => random.Chance(0.15) ? random.Uniform(0, 0.8) : random.Uniform(0.8, 6),
        };
        _canalHalfWidth = new Wave(random, _cord.HalfWidth.Mean + gap + random.Uniform(0, 3), 0.8, 40);
        _canalHalfHeight = new Wave(random, _cord.HalfHeight.Mean + (gap * random.Uniform(0.4, 1)), 0.6, 40);
        _canalShape = Harmonics.Draw(random, 0.05);
        _duraWidth = random.Chance(0.6) ? random.Uniform(0.3, 1.2) : 0;
        _roots = new RootBundle(random, kind == SceneKind.CaudaEquina);

        _airOutside = healthy || random.Chance(0.8);
        _skinPosterior = random.Uniform(30, 90);
        float width = random.Uniform(50, 190), depth = random.Uniform(45, 130), layer = random.Uniform(1, 14);
        var shape = Harmonics.Draw(random, 0.04);
        _skin = new Blob(random.Normal(6), _skinPosterior - depth, width, depth, 0, shape);
        _flesh = new Blob(random.Normal(6), _skinPosterior - depth, width - layer, depth - layer, 0, shape);
        if (!healthy)
            AddClutter(random);
        AddMuscles(random);
        AddNeck(random);
        AddSpine(random);
        // Moving CSF loses or gains signal in patches beside the cord.
        for (var i = random.Chance(0.3) ? random.Next(1, 4) : 0; i > 0; i--)
        {
            _flow.Add(new SceneElement(random, Tissue.Csf, random.Normal(0.5) * _canalHalfWidth.Mean, random.Normal(0.6) * _canalHalfHeight.Mean,
                random.Uniform(1, 4), random.Uniform(1, 3), random.Uniform(0, 3), 1, 0.1)
            {
                Opacity = random.Uniform(0.3, 0.9),
                Softness = random.Uniform(1.5, 4),
                Shade = random.Uniform(-0.6, 0.15),
            });
        }
    }

    public SceneKind Kind { get; }

    /// <summary>What it is painted with; another contrast of the same anatomy is painted with others.</summary>
    public TissueIntensities Tissues { get; set; }

    /// <summary>The cord is there between these positions along z, mm (it tapers at the lower end like a conus).</summary>
    public (float From, float To) CordExtent { get; init; } = (float.NegativeInfinity, float.PositiveInfinity);

    /// <summary>Length over which the cord tapers at its lower end, mm.</summary>
    public float Taper { get; init; } = 30;

    /// <summary>Where the canal's centre runs, mm.</summary>
    public (float X, float Y) CanalAt(float z) => (_x.At(z) + (_slopeX * z), _y.At(z) + (_slopeY * z));

    /// <summary>Displacement of the canal per mm along z: how much a thick slice smears it.</summary>
    public (float X, float Y) SlopeAt(float z)
    {
        var (x0, y0) = CanalAt(z - 1);
        var (x1, y1) = CanalAt(z + 1);
        return ((x1 - x0) / 2, (y1 - y0) / 2);
    }

    /// <summary>Paints the axial plane at <paramref name="z"/> mm.</summary>
    public void Paint(SliceCanvas canvas, float z)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        var (x, y) = CanalAt(z);
        var textureRow = (int)MathF.Round(z / canvas.Spacing);
        var position = (((z + _discPhase) % _discPeriod) + _discPeriod) % _discPeriod;
        var disc = position < _discHeight;
        if (_airOutside)
        {
            canvas.Clear(Tissues[Tissue.Air], default);
            canvas.Paint(_skin, Tissues[Tissue.Fat], Of(Tissue.Fat));
            canvas.Paint(_flesh, Tissues[Tissue.Muscle], Of(Tissue.Muscle), 1, 2);
        }
        else
        {
            canvas.Clear(Tissues[Tissue.Muscle], Of(Tissue.Muscle));
        }
        foreach (var element in _body)
            element.Paint(canvas, Tissues, x, y, z, disc, textureRow);

        float width = Math.Max(2, _canalHalfWidth.At(z)), height = Math.Max(2, _canalHalfHeight.At(z));
        foreach (var element in _canal)
            element.Paint(canvas, Tissues, x, y, z, disc, textureRow);
        if (_duraWidth > 0)
            canvas.Paint(new Blob(x, y, width + _duraWidth, height + _duraWidth, 0, _canalShape), Tissues[Tissue.Dura], Of(Tissue.Dura));
        canvas.Paint(new Blob(x, y, width, height, 0, _canalShape), Tissues[Tissue.Csf], Of(Tissue.Csf));

        foreach (var element in _flow)
            element.Paint(canvas, Tissues, x, y, z, disc, textureRow);

        var size = Kind == SceneKind.CaudaEquina ? 0 : CordSizeAt(z);
        _roots.Paint(canvas, this, x, y, width, height, z, size > 0 ? _cord : null);
        if (size > 0)
            _cord.Paint(canvas, Tissues, x, y, width, height, z, size, textureRow);

        ref readonly Texture Of(Tissue tissue) => ref Tissues.TextureOf(tissue);
    }

    /// <summary>0 where there is no cord, 1 where it has its full size.</summary>
    public float CordSizeAt(float z)
    {
        if (z < CordExtent.From || z > CordExtent.To)
            return 0;
        var above = z - CordExtent.From;
        return above >= Taper ? 1 : MathF.Sqrt(above / Taper);
    }

    /// <summary>Anything anywhere: the network must not rely on what lies around the spine.</summary>
    void AddClutter(Random random)
    {
        var tissues = Enum.GetValues<Tissue>();
        var count = random.Next(4, 22);
        for (var i = 0; i < count; i++)
        {
            float a = random.LogUniform(2, 30), b = a * random.LogUniform(0.4, 2.5);
            _body.Add(new SceneElement(random, random.Pick(tissues), random.Uniform(-75, 75), random.Uniform(-75, 60), a, b,
                random.Uniform(0, Math.PI), 4, 0.15)
            {
                Opacity = random.Uniform(0.3, 1),
                Softness = random.Chance(0.3) ? random.Uniform(0, 6) : 0,
            });
        }
    }

    /// <summary>Paired muscles behind the spine, divided by fat.</summary>
    void AddMuscles(Random random)
    {
        for (var i = random.Next(0, 5); i > 0; i--)
        {
            float x = random.Uniform(8, 35), y = random.Uniform(10, 45), a = random.Uniform(5, 16), b = random.Uniform(4, 12), tilt = random.Uniform(-0.8, 0.8);
            var shade = random.Normal(0.05);
            foreach (var side in new[] { -1, 1 })
            {
                _body.Add(new SceneElement(random, Tissue.Fat, side * x, y, a + 0.8, b + 0.8, side * tilt, 1, 0.05));
                _body.Add(new SceneElement(random, Tissue.Muscle, side * x, y, a, b, side * tilt, 1, 0.05) { Shade = shade });
            }
        }
    }

    /// <summary>Airway, gullet and vessels: round like a cord, and not one.</summary>
    void AddNeck(Random random)
    {
        var front = -random.Uniform(28, 50);
        if (random.Chance(0.5))
        {
            var radius = random.Uniform(4, 11);
            _body.Add(new SceneElement(random, Tissue.Organ, random.Normal(4), front, radius + 2, radius + 2));
            _body.Add(new SceneElement(random, Tissue.Air, random.Normal(2), front, radius, radius * random.Uniform(0.7, 1.2)));
        }
        if (random.Chance(0.6))
        {
            _body.Add(new SceneElement(random, Tissue.Organ, random.Normal(5), front + random.Uniform(8, 14), random.Uniform(3, 9), random.Uniform(2, 6)));
            _body.Add(new SceneElement(random, Tissue.Vessel, random.Normal(5), front + random.Uniform(8, 14), random.Uniform(1, 3), random.Uniform(1, 2)));
        }
        foreach (var side in new[] { -1, 1 })
        {
            for (var i = random.Next(0, 4); i > 0; i--)
            {
                float x = side * random.Uniform(10, 45), y = -random.Uniform(-5, 45), radius = random.Uniform(1.2, 7);
                if (random.Chance(0.4))
                    _body.Add(new SceneElement(random, random.Pick<Tissue>([Tissue.Csf, Tissue.Fat, Tissue.Dura]), x, y, radius + 2, radius + 2, 0, 0.5));
                _body.Add(new SceneElement(random, random.Pick<Tissue>([Tissue.Vessel, Tissue.Vessel, Tissue.White, Tissue.Csf, Tissue.Air]), x, y, radius, radius * random.LogUniform(0.7, 1.4), 0, 0.5));
            }
        }
    }

    /// <summary>Body or disc in front, pedicles, laminae and spinous process around, fat in the epidural space.</summary>
    void AddSpine(Random random)
    {
        float width = random.Uniform(11, 24), depth = random.Uniform(7, 18), rim = random.Uniform(0.4, 1.8);
        var canalWidth = _canalHalfWidth.Mean + _duraWidth;
        var canalHeight = _canalHalfHeight.Mean + _duraWidth;
        var bodyY = -(canalHeight + depth + random.Uniform(0.3, 2.5));
        var square = random.Uniform(-0.06, 0.06);
        Both(Tissue.Cortical, Tissue.Marrow, 0, bodyY, width, depth, 0, Presence.VertebraOnly);
        Both(Tissue.Cortical, Tissue.Disc, 0, bodyY, width + 1, depth + 1, 0, Presence.DiscOnly);
        if (random.Chance(0.5))
            _canal.Add(new SceneElement(random, random.Pick<Tissue>([Tissue.Csf, Tissue.Disc, Tissue.Marrow]), 0, bodyY, width * 0.5, depth * 0.5, 0, 1) { Presence = Presence.DiscOnly, Softness = 3 });
        float pedicleX = canalWidth + random.Uniform(1, 4), thick = random.Uniform(1.6, 5), open = random.Uniform(0.5, 1.1);
        var tip = canalHeight + random.Uniform(8, 30);
        foreach (var side in new[] { -1, 1 })
        {
            // transverse process and facet
            Both(Tissue.Cortical, Tissue.Marrow, side * (pedicleX + random.Uniform(3, 14)), random.Uniform(-6, 6), random.Uniform(4, 10), random.Uniform(2.5, 7), side * random.Uniform(-0.5, 0.7), Presence.VertebraOnly);
            Both(Tissue.Cortical, Tissue.Marrow, side * pedicleX, -random.Uniform(0, 5), thick, random.Uniform(3, 7), 0, Presence.VertebraOnly);
            Both(Tissue.Cortical, Tissue.Marrow, side * canalWidth * 0.62, canalHeight * open + thick, canalWidth * 0.75, thick, side * -random.Uniform(0.5, 0.9), Presence.Always);
        }
        Both(Tissue.Cortical, Tissue.Marrow, random.Normal(1), tip, random.Uniform(1.5, 4), tip - canalHeight, 0, Presence.Always);
        if (random.Chance(0.6))
            _canal.Add(new SceneElement(random, Tissue.EpiduralFat, random.Normal(1), canalHeight * random.Uniform(0.4, 1), canalWidth * random.Uniform(0.3, 0.8), random.Uniform(1.5, 5), 0, 0.5));
        if (random.Chance(0.6))
            _canal.Add(new SceneElement(random, random.Pick<Tissue>([Tissue.EpiduralFat, Tissue.Vessel, Tissue.Cortical]), 0, 0, canalWidth + random.Uniform(0.5, 3), canalHeight + random.Uniform(0.3, 2), 0, 0.3));

        void Both(Tissue shell, Tissue inside, double x, double y, double a, double b, double tilt, Presence presence)
        {
            var state = random.Next();
            _canal.Add(new SceneElement(new Random(state), shell, x, y, a, b, tilt, 0.7, square) { Presence = presence });
            if (a > rim + 0.5 && b > rim + 0.5)
                _canal.Add(new SceneElement(new Random(state), inside, x, y, a - rim, b - rim, tilt, 0.7, square) { Presence = presence });
        }
    }
}
