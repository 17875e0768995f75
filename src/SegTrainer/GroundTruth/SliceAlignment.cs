using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Data;

namespace SoftSeg.SegTrainer.GroundTruth;

/// <summary>A rigid transform, and what every slice of the other image is off after it: a person swallows between slices.</summary>
sealed class SliceAlignment
{
    /// <summary>Thin slices move together: offsets are averaged over this length, mm.</summary>
    const double Window = 10;

    readonly RigidTransform _rigid;
    readonly Volume _native;
    readonly (double Row, double Column)[] _offsets;

    SliceAlignment(RigidTransform rigid, Volume native, (double, double)[] offsets) => (_rigid, _native, _offsets) = (rigid, native, offsets);

    public RigidTransform Rigid => _rigid;

    /// <summary>Largest offset of a slice, mm.</summary>
    public double LargestOffset => _offsets.Max(offset => Math.Sqrt(Math.Pow(offset.Row * _native.Affine.Spacing.Row, 2) + Math.Pow(offset.Column * _native.Affine.Spacing.Column, 2)));

    /// <summary>Nothing is off.</summary>
    public static SliceAlignment Identity(Volume native) => new(new(Vector3.Zero, Vector3.Zero, Vector3.Zero), native, new (double, double)[native.Slices]);

    /// <param name="rigid">From the reference's space to the native one.</param>
    /// <param name="reference">The reference's mask and which of its slices are to be believed.</param>
    /// <param name="native">The native mask, canonical.</param>
    /// <param name="covered">Which of its slices are to be believed.</param>
    public static SliceAlignment Find(RigidTransform rigid, (Volume Mask, bool[] Covered) reference, Volume native, bool[] covered)
    {
        var (expected, known) = SoftAverage.Back(SoftAverage.Of([new(reference.Mask, point => point, reference.Covered)], reference.Mask), native, rigid.Undo);
        var found = new (double Row, double Column)?[native.Slices];
        for (var slice = 0; slice < native.Slices; slice++)
        {
            if (covered[slice] && known[slice] > 0.5 && RigidRegistration.CentreOf(native, slice) is { } drawn && RigidRegistration.CentreOf(expected, slice) is { } meant)
                found[slice] = (drawn.Row - meant.Row, drawn.Column - meant.Column);
        }
        var reach = (int)(Window / 2 / native.Affine.Spacing.Slice);
        var offsets = new (double, double)[native.Slices];
        for (var slice = 0; slice < native.Slices; slice++)
        {
            var near = Enumerable.Range(slice - reach, (2 * reach) + 1).Where(s => s >= 0 && s < native.Slices && found[s] is not null).Select(s => found[s]!.Value).ToArray();
            // Beyond the masks the nearest slice that has one.
            if (near.Length == 0 && Enumerable.Range(0, native.Slices).Where(s => found[s] is not null).OrderBy(s => Math.Abs(s - slice)).Cast<int?>().FirstOrDefault() is { } nearest)
                near = [found[nearest]!.Value];
            if (near.Length > 0)
                offsets[slice] = (near.Average(offset => offset.Row), near.Average(offset => offset.Column));
        }
        return new(rigid, native, offsets);
    }

    /// <summary>From the reference's space to the native one.</summary>
    public Vector3 ToNative(Vector3 point)
    {
        var moved = _rigid.Apply(point);
        return moved + OffsetAt(moved);
    }

    /// <summary>The way back. An offset lies in the plane of its slice, so that it does not change which slice a point is in.</summary>
    public Vector3 ToReference(Vector3 point) => _rigid.Undo(point - OffsetAt(point));

    Vector3 OffsetAt(Vector3 point)
    {
        var slice = Math.Clamp(_native.Affine.ToIndex(point).Slice, 0, _native.Slices - 1);
        // The slices of a thick stack are each one picture: a point between two belongs to one of them.
        if (_native.Affine.Spacing.Slice > 2)
            return Step(_offsets[(int)Math.Round(slice)]);
        var below = Math.Min((int)slice, Math.Max(0, _native.Slices - 2));
        var (a, b, f) = (_offsets[below], _offsets[Math.Min(below + 1, _native.Slices - 1)], slice - below);
        return Step((a.Row + (f * (b.Row - a.Row)), a.Column + (f * (b.Column - a.Column))));
    }

    Vector3 Step((double Row, double Column) offset) => (_native.Affine.RowStep * offset.Row) + (_native.Affine.ColumnStep * offset.Column);
}
