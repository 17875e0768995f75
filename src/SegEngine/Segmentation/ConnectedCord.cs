namespace SoftSeg.SegEngine;

/// <summary>Keeps of a share map what belongs to one cord.</summary>
static class ConnectedCord
{
    const float Clear = 0.5f;

    /// <summary>What lies within this distance of the way that was followed, mm, may be what was followed.</summary>
    const double OnWay = 10;

    /// <summary>
    /// Clears in place what is not connected to the cord: of the voxels with a share of 0.5 and more the component with most of them on the way is
    /// the cord (a bright ganglion beside it is not), pieces further up or down that lie on its line and are about as bright belong to it, and lower shares stay where they touch it.
    /// </summary>
    /// <param name="share">Shares on the fine grid.</param>
    /// <param name="image">The image that they were drawn on.</param>
    /// <param name="fringe">How far (pixels in plane) shares below 0.5 reach from the cord: the partial volume of a source voxel.</param>
    /// <param name="way">Where the cord was looked for in each slice of the grid; where that is not known the largest component is the cord.</param>
    /// <returns>Volume of the shares of 0.5 and more that stay, mm3, the length of the slices that hold them, mm, how much the area changes from slice to slice as a part of it (median), and the mean over the slices of the highest share.</returns>
    public static (double Volume, double Length, double Roughness, double MeanPeak) Keep(Volume share, Volume image, int fringe, Func<int, (double Row, double Column)>? way = null)
    {
        var labels = new int[share.Voxels.Length];
        var components = Label(share, image, labels, way);
        if (components.Count == 0)
        {
            Array.Clear(share.Voxels);
            return (0, 0, 0, 0);
        }
        components.Sort((a, b) => (b.OnWay, b.Sum).CompareTo((a.OnWay, a.Sum)));
        var kept = new List<Component> { components[0] };
        var others = components[1..];
        others.Sort((a, b) => b.Sum.CompareTo(a.Sum));
        // The largest piece on the line first; it may bring the next one within reach.
        while (others.Find(component => OnLine(component, kept, share.Affine.Spacing)) is { } next)
        {
            kept.Add(next);
            others.Remove(next);
        }
        var keptLabels = kept.Select(c => c.Label).ToHashSet();

        var near = new bool[labels.Length];
        double volume = 0;
        var peaks = new float[share.Slices];
        var areas = new double[share.Slices];
        for (var n = 0; n < labels.Length; n++)
        {
            if (labels[n] == 0 || !keptLabels.Contains(labels[n]))
                continue;
            near[n] = true;
            volume += share.Voxels[n];
            var slice = n / (share.Rows * share.Columns);
            peaks[slice] = Math.Max(peaks[slice], share.Voxels[n]);
            areas[slice] += share.Voxels[n];
        }
        Widen(near, share.Slices, share.Rows, share.Columns, fringe);
        for (var n = 0; n < labels.Length; n++)
        {
            if (!near[n] || (labels[n] != 0 && !keptLabels.Contains(labels[n])))
                share.Voxels[n] = 0;
        }
        var shown = peaks.Where(p => p > 0).ToArray();
        return (volume * share.Affine.VoxelVolume, shown.Length * share.Affine.Spacing.Slice, Roughness(areas), shown.Average());
    }

    static double Roughness(double[] areas)
    {
        var changes = Enumerable.Range(0, areas.Length - 1).Where(n => areas[n] > 0 && areas[n + 1] > 0).Select(n => Math.Abs(areas[n + 1] - areas[n]) / Math.Max(areas[n], areas[n + 1])).Order().ToArray();
        return changes.Length > 0 ? changes[changes.Length / 2] : 0;
    }

    /// <summary>A piece belongs to the cord when it lies above or below what is kept, within 6 mm of where that points.</summary>
    static bool OnLine(Component piece, List<Component> kept, (double Slice, double Row, double Column) spacing)
    {
        const double Sideways = 6, Gap = 30; // mm
        if (kept.Any(k => piece.FirstSlice <= k.LastSlice && piece.LastSlice >= k.FirstSlice))
            return false;
        var below = kept.All(k => piece.LastSlice < k.FirstSlice);
        var nearest = below ? kept.MinBy(k => k.FirstSlice)! : kept.Where(k => k.LastSlice < piece.FirstSlice).MaxBy(k => k.LastSlice)!;
        var (from, to, gap) = below
            ? (nearest.Centre(nearest.FirstSlice), piece.Centre(piece.LastSlice), nearest.FirstSlice - piece.LastSlice)
            : (nearest.Centre(nearest.LastSlice), piece.Centre(piece.FirstSlice), piece.FirstSlice - nearest.LastSlice);
        var distance = gap * spacing.Slice;
        var sideways = Math.Sqrt(Math.Pow((from.Row - to.Row) * spacing.Row, 2) + Math.Pow((from.Column - to.Column) * spacing.Column, 2));
        // A crumb behind a gap is no cord that goes on: roots below the conus come in such crumbs.
        var isLong = piece.LastSlice - piece.FirstSlice + 1 >= 1.5 * (gap - 1);
        return isLong && distance <= Gap && sideways <= Sideways + (0.5 * distance) && IsAsBright(piece, nearest, below, spacing.Slice);
    }

    /// <summary>Along a cord brightness changes little by little: a bright sac below a dark conus is not more of it.</summary>
    static bool IsAsBright(Component piece, Component nearest, bool below, double sliceSpacing)
    {
        const double Stretch = 15; // mm
        const double LargestRatio = 1.5;
        var slices = Math.Max(1, (int)(Stretch / sliceSpacing));
        var (here, there) = below
            ? (piece.Brightness(piece.LastSlice - slices + 1, piece.LastSlice), nearest.Brightness(nearest.FirstSlice, nearest.FirstSlice + slices - 1))
            : (piece.Brightness(piece.FirstSlice, piece.FirstSlice + slices - 1), nearest.Brightness(nearest.LastSlice - slices + 1, nearest.LastSlice));
        // Values of both signs have no ratio.
        return here <= 0 || there <= 0 || Math.Max(here / there, there / here) <= LargestRatio;
    }

    static List<Component> Label(Volume share, Volume image, int[] labels, Func<int, (double Row, double Column)>? way)
    {
        var spacing = share.Affine.Spacing;
        var centres = Enumerable.Range(0, share.Slices).Select(slice => way?.Invoke(slice)).ToArray();
        bool IsOnWay(int slice, int row, int column) =>
            centres[slice] is var (y, x) && Math.Pow((row - y) * spacing.Row, 2) + Math.Pow((column - x) * spacing.Column, 2) <= OnWay * OnWay;

        var (slices, rows, columns) = (share.Slices, share.Rows, share.Columns);
        var voxels = share.Voxels;
        var components = new List<Component>();
        var (sliceAt, rowAt, columnAt) = (AxisMap(slices, n => (n, 0, 0), p => p.Slice, image.Slices), AxisMap(rows, n => (0, n, 0), p => p.Row, image.Rows), AxisMap(columns, n => (0, 0, n), p => p.Column, image.Columns));
        var stack = new Stack<int>();
        for (var start = 0; start < voxels.Length; start++)
        {
            if (!(voxels[start] >= Clear) || labels[start] != 0)
                continue;
            var component = new Component(components.Count + 1, slices);
            components.Add(component);
            labels[start] = component.Label;
            stack.Push(start);
            while (stack.TryPop(out var n))
            {
                var (s, r, c) = (n / (rows * columns), n / columns % rows, n % columns);
                component.Add(s, r, c, voxels[n], image[sliceAt[s], rowAt[r], columnAt[c]], IsOnWay(s, r, c));
                for (var z = Math.Max(0, s - 1); z <= Math.Min(slices - 1, s + 1); z++)
                {
                    for (var y = Math.Max(0, r - 1); y <= Math.Min(rows - 1, r + 1); y++)
                    {
                        for (var x = Math.Max(0, c - 1); x <= Math.Min(columns - 1, c + 1); x++)
                        {
                            var m = (((z * rows) + y) * columns) + x;
                            if (voxels[m] >= Clear && labels[m] == 0)
                            {
                                labels[m] = component.Label;
                                stack.Push(m);
                            }
                        }
                    }
                }
            }
        }
        return components;

        // Both grids are canonical: an index of one follows from the same index of the other alone.
        int[] AxisMap(int count, Func<int, (int Slice, int Row, int Column)> place, Func<(double Slice, double Row, double Column), double> along, int size) =>
        [
            .. Enumerable.Range(0, count).Select(n =>
            {
                var (slice, row, column) = place(n);
                return (int)Math.Clamp(Math.Round(along(image.Affine.ToIndex(share.Affine.ToPatient(slice, row, column)))), 0, size - 1);
            }),
        ];
    }

    /// <summary>Dilates by a square of the given radius in plane and by one slice.</summary>
    static void Widen(bool[] mask, int slices, int rows, int columns, int radius)
    {
        Spread(mask, slices * rows, columns, 1, radius);
        Spread(mask, slices, rows, columns, radius);
        Spread(mask, 1, slices, rows * columns, 1);
    }

    static void Spread(bool[] mask, int outer, int count, int inner, int radius)
    {
        Parallel.For(0, outer, o =>
        {
            var reached = new bool[count];
            for (var i = 0; i < inner; i++)
            {
                var start = (o * count * inner) + i;
                Array.Clear(reached);
                var any = false;
                for (var n = 0; n < count; n++)
                {
                    if (!mask[start + (n * inner)])
                        continue;
                    any = true;
                    for (var m = Math.Max(0, n - radius); m <= Math.Min(count - 1, n + radius); m++)
                        reached[m] = true;
                }
                for (var n = 0; any && n < count; n++)
                    mask[start + (n * inner)] = reached[n];
            }
        });
    }

    /// <summary>A 26-connected set of voxels with a share of 0.5 and more.</summary>
    sealed class Component(int label, int slices)
    {
        readonly Dictionary<int, (double Sum, double Row, double Column, double Brightness)> _slices = [];

        public int Label => label;

        public double Sum { get; private set; }

        /// <summary>The part of <see cref="Sum"/> that is on the way.</summary>
        public double OnWay { get; private set; }

        public int FirstSlice { get; private set; } = slices;

        public int LastSlice { get; private set; } = -1;

        public void Add(int slice, int row, int column, float share, float brightness, bool onWay)
        {
            Sum += share;
            OnWay += onWay ? share : 0;
            FirstSlice = Math.Min(FirstSlice, slice);
            LastSlice = Math.Max(LastSlice, slice);
            var (sum, rows, columns, bright) = _slices.GetValueOrDefault(slice);
            _slices[slice] = (sum + share, rows + (share * row), columns + (share * column), bright + (share * brightness));
        }

        public (double Row, double Column) Centre(int slice)
        {
            var (sum, row, column, _) = _slices[slice];
            return (row / sum, column / sum);
        }

        /// <summary>Mean of the image over some of its slices.</summary>
        public double Brightness(int first, int last)
        {
            var slices = _slices.Where(slice => slice.Key >= first && slice.Key <= last).Select(slice => slice.Value).ToArray();
            return slices.Sum(slice => slice.Brightness) / slices.Sum(slice => slice.Sum);
        }
    }
}
