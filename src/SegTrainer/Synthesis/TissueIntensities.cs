using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.Synthesis;

/// <summary>What a synthetic slice is painted with.</summary>
public enum Tissue { Air, Fat, Muscle, Cortical, Marrow, Disc, Csf, White, Grey, Root, Dura, Vessel, Organ, EpiduralFat, Lesion }

/// <summary>An intensity (about 0..1) and a texture for every tissue: drawn around a kind of acquisition, or at random.</summary>
public sealed class TissueIntensities
{
    static readonly int Count = Enum.GetValues<Tissue>().Length;

    // Columns as in Tissue: centre of each intensity. Air, fat, muscle, cortical bone, marrow, disc, CSF, white, grey, root, dura, vessel, organ, epidural fat, lesion.
    static readonly (string Name, float[] Centre, float Spread)[] Kinds =
    [
        ("T2w", [.02f, .65f, .22f, .06f, .42f, .45f, .92f, .42f, .48f, .45f, .2f, .08f, .4f, .7f, .62f], .12f),
        ("T1w", [.02f, .92f, .40f, .08f, .62f, .45f, .20f, .58f, .52f, .5f, .25f, .15f, .45f, .9f, .45f], .12f),
        ("T2star", [.03f, .45f, .38f, .05f, .18f, .45f, .88f, .55f, .68f, .6f, .25f, .9f, .45f, .4f, .7f], .13f),
        ("MT", [.02f, .75f, .42f, .1f, .45f, .42f, .60f, .55f, .50f, .5f, .3f, .6f, .45f, .7f, .5f], .12f),
        ("DWI", [.02f, .12f, .10f, .03f, .08f, .08f, .08f, .80f, .75f, .2f, .08f, .05f, .12f, .12f, .75f], .09f),
        ("EPI", [.02f, .15f, .25f, .04f, .15f, .3f, .90f, .45f, .5f, .5f, .4f, .3f, .3f, .2f, .6f], .12f),
        ("STIR", [.02f, .08f, .28f, .05f, .18f, .4f, .95f, .45f, .5f, .45f, .2f, .2f, .4f, .1f, .75f], .12f),
    ];

    // The acquisitions of a spine protocol that no training sample is named after.
    static readonly (string Name, float[] Centre, float Spread)[] Further =
    [
        ("MToff", [.02f, .70f, .45f, .1f, .50f, .48f, .46f, .60f, .66f, .55f, .3f, .6f, .5f, .68f, .6f], .12f),
        ("MTon", [.02f, .70f, .26f, .08f, .42f, .38f, .62f, .38f, .44f, .42f, .25f, .55f, .36f, .66f, .45f], .12f),
    ];

    // Some border must exist, else there is nothing to learn from.
    const float LeastBorder = 0.06f;

    readonly float[] _values = new float[Count];
    readonly Texture[] _textures = new Texture[Count];

    TissueIntensities(string kind) => Kind = kind;

    /// <summary>The kind of acquisition imitated, or "random".</summary>
    public string Kind { get; }

    public float this[Tissue tissue] => _values[(int)tissue];

    public ref readonly Texture TextureOf(Tissue tissue) => ref _textures[(int)tissue];

    /// <summary>How much brighter or darker a thin line at the cord's border is (pia, or the overshoot of a cut k-space).</summary>
    public float BorderLine { get; private set; }

    /// <summary>
    /// The same with a CSF about as bright as white matter, as some T2*w scans show it: grey matter and at most a thin line show
    /// where the cord ends.
    /// </summary>
    public TissueIntensities WithFaintBorder(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var result = new TissueIntensities(Kind);
        _values.CopyTo(result._values, 0);
        _textures.CopyTo(result._textures, 0);
        var white = result[Tissue.White];
        result._values[(int)Tissue.Csf] = white + random.Normal(0.07);
        result._values[(int)Tissue.Grey] = white + ((random.Chance(0.75) ? 1 : -1) * random.Uniform(0.06, 0.3));
        result._textures[(int)Tissue.White] = new Texture(random, random.Uniform(0.005, 0.03));
        result.BorderLine = random.Chance(0.7) ? random.Normal(0.07) : 0;
        return result;
    }

    public static TissueIntensities Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var result = random.Chance(0.6) ? Around(Kinds[random.Next(Kinds.Length)], random) : AtRandom(random);
        var v = result._values;
        if (random.Chance(0.12))
        {
            for (var i = 0; i < Count; i++)
                v[i] = 1 - v[i];
        }
        // Hard cases: a neighbour of the cord's own intensity.
        if (random.Chance(0.12))
            v[(int)random.Pick<Tissue>([Tissue.Dura, Tissue.EpiduralFat, Tissue.Cortical, Tissue.Marrow, Tissue.Disc])] = v[(int)Tissue.White] + random.Normal(0.03);
        if (Math.Abs(v[(int)Tissue.Csf] - v[(int)Tissue.White]) < LeastBorder && !random.Chance(0.15))
            v[(int)Tissue.Csf] = v[(int)Tissue.White] + ((random.Chance(0.5) ? 1 : -1) * random.Uniform(0.08, 0.5));
        for (var i = 0; i < Count; i++)
            result._textures[i] = new Texture(random, random.Uniform(0, 0.05) + (i is (int)Tissue.Muscle or (int)Tissue.Fat or (int)Tissue.Organ ? random.Uniform(0, 0.06) : 0));
        return result;
    }

    /// <summary>A usual image of one kind of acquisition: near its centre, the cord apart from what surrounds it.</summary>
    /// <param name="kind">T1w, T2w, T2star, MToff, MTon, MT, DWI, EPI or STIR.</param>
    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public static TissueIntensities Imitate(string kind, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var found = Kinds.Concat(Further).FirstOrDefault(known => known.Name == kind);
        return Near(found.Name is null ? throw new ArgumentException($"There is no kind of acquisition '{kind}'.", nameof(kind)) : found, 0.25f, random);
    }

    /// <summary>Like <see cref="Imitate"/>, of any kind and twice as far from its centre, but for a border that must exist.</summary>
    public static TissueIntensities DrawUsual(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        (string, float[], float)[] kinds = [.. Kinds, .. Further];
        while (true)
        {
            var drawn = Near(random.Pick(kinds), 0.5f, random);
            if (Math.Abs(drawn[Tissue.Csf] - drawn[Tissue.White]) >= LeastBorder)
                return drawn;
        }
    }

    static TissueIntensities Near((string Name, float[] Centre, float Spread) kind, float part, Random random)
    {
        var result = Around(kind with { Spread = part * kind.Spread }, random);
        for (var i = 0; i < Count; i++)
            result._textures[i] = new Texture(random, random.Uniform(0.005, 0.03));
        return result;
    }

    static TissueIntensities Around((string Name, float[] Centre, float Spread) kind, Random random)
    {
        var result = new TissueIntensities(kind.Name);
        for (var i = 0; i < Count; i++)
            result._values[i] = Math.Max(0, kind.Centre[i] + random.Normal(kind.Spread));
        // Grey and white matter differ little whatever the cord's mean.
        var difference = kind.Centre[(int)Tissue.Grey] - kind.Centre[(int)Tissue.White];
        result._values[(int)Tissue.Grey] = result[Tissue.White] + (difference * random.Uniform(0, 1.6));
        return result;
    }

    static TissueIntensities AtRandom(Random random)
    {
        var result = new TissueIntensities("random");
        for (var i = 0; i < Count; i++)
            result._values[i] = random.Uniform(0, 1);
        result._values[(int)Tissue.Grey] = result[Tissue.White] + random.Normal(0.1);
        if (random.Chance(0.7))
            result._values[(int)Tissue.Air] = random.Uniform(0, 0.08);
        return result;
    }
}
