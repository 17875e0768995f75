namespace SoftSeg.SegEngine;

/// <summary>
/// A natural cubic smoothing spline: the curve that minimises the weighted squared distances to the points plus
/// <c>lambda</c> times the integral of its squared second derivative (Reinsch 1967). Beyond its ends it goes on straight.
/// </summary>
public sealed class SmoothingSpline
{
    readonly double[] _x;
    readonly double[] _f;
    readonly double[] _second;

    SmoothingSpline(double[] x, double[] f, double[] second) => (_x, _f, _second) = (x, f, second);

    /// <summary>Fits a curve that follows bends longer than a wavelength and smooths shorter ones.</summary>
    /// <param name="x">Positions, strictly ascending.</param>
    /// <param name="y">Values at the positions.</param>
    /// <param name="weights">Weights, at least 0; their scale does not matter. Points of weight 0 are bridged.</param>
    /// <param name="wavelength">Waves of this length (unit of x) are halved; 0 interpolates.</param>
    public static SmoothingSpline Fit(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> weights, double wavelength)
    {
        var n = x.Length;
        if (n == 0 || y.Length != n || weights.Length != n)
            throw new ArgumentException($"A spline needs as many values and weights as positions, and at least one: {n}, {y.Length}, {weights.Length}.", nameof(x));
        for (var i = 1; i < n; i++)
        {
            if (!(x[i] > x[i - 1]))
                throw new ArgumentException($"Positions must ascend strictly: {x[i - 1]}, {x[i]}.", nameof(x));
        }
        if (n < 3)
            return new SmoothingSpline(x.ToArray(), y.ToArray(), new double[n]);

        double mean = 0;
        foreach (var w in weights)
            mean += w / n;
        var inverse = new double[n];
        for (var i = 0; i < n; i++)
            inverse[i] = mean > 0 ? 1 / Math.Max(weights[i] / mean, 1e-6) : 1;
        // A wave of angular frequency w passes by 1 / (1 + lambda h w^4), h the mean step.
        var lambda = Math.Pow(wavelength / (2 * Math.PI), 4) / ((x[n - 1] - x[0]) / (n - 1));
        return Reinsch(x.ToArray(), y.ToArray(), inverse, lambda);
    }

    /// <summary>The curve at a position.</summary>
    public double At(double x)
    {
        if (_x.Length == 1)
            return _f[0];
        if (x < _x[0])
            return _f[0] + ((x - _x[0]) * Slope(_x[0]));
        if (x > _x[^1])
            return _f[^1] + ((x - _x[^1]) * Slope(_x[^1]));
        var i = Interval(x);
        var h = _x[i + 1] - _x[i];
        var (b, a) = ((x - _x[i]) / h, (_x[i + 1] - x) / h);
        return (a * _f[i]) + (b * _f[i + 1]) + ((((a * a * a) - a) * _second[i]) + (((b * b * b) - b) * _second[i + 1])) * h * h / 6;
    }

    /// <summary>The curve's derivative at a position.</summary>
    public double Slope(double x)
    {
        if (_x.Length == 1)
            return 0;
        x = Math.Clamp(x, _x[0], _x[^1]);
        var i = Interval(x);
        var h = _x[i + 1] - _x[i];
        var (b, a) = ((x - _x[i]) / h, (_x[i + 1] - x) / h);
        return ((_f[i + 1] - _f[i]) / h) + (((((3 * b * b) - 1) * _second[i + 1]) - (((3 * a * a) - 1) * _second[i])) * h / 6);
    }

    int Interval(double x)
    {
        var found = Array.BinarySearch(_x, x);
        return Math.Clamp(found >= 0 ? found : ~found - 1, 0, _x.Length - 2);
    }

    /// <summary>Solves (R + lambda Q' W^-1 Q) g = Q' y for the inner second derivatives g; the matrix has five diagonals.</summary>
    static SmoothingSpline Reinsch(double[] x, double[] y, double[] inverse, double lambda)
    {
        var n = x.Length;
        var m = n - 2;
        var h = new double[n - 1];
        for (var i = 0; i < n - 1; i++)
            h[i] = x[i + 1] - x[i];
        // Column j of Q has three entries, at j, j + 1, j + 2.
        var (q0, q1, q2) = (new double[m], new double[m], new double[m]);
        for (var j = 0; j < m; j++)
            (q0[j], q1[j], q2[j]) = (1 / h[j], -(1 / h[j]) - (1 / h[j + 1]), 1 / h[j + 1]);

        var (diagonal, above, farAbove, right) = (new double[m], new double[m], new double[m], new double[m]);
        for (var j = 0; j < m; j++)
        {
            diagonal[j] = ((h[j] + h[j + 1]) / 3)
                + (lambda * ((q0[j] * q0[j] * inverse[j]) + (q1[j] * q1[j] * inverse[j + 1]) + (q2[j] * q2[j] * inverse[j + 2])));
            if (j + 1 < m)
                above[j] = (h[j + 1] / 6) + (lambda * ((q1[j] * q0[j + 1] * inverse[j + 1]) + (q2[j] * q1[j + 1] * inverse[j + 2])));
            if (j + 2 < m)
                farAbove[j] = lambda * q2[j] * q0[j + 2] * inverse[j + 2];
            right[j] = (q0[j] * y[j]) + (q1[j] * y[j + 1]) + (q2[j] * y[j + 2]);
        }
        var inner = SolveFiveDiagonals(diagonal, above, farAbove, right);

        var f = new double[n];
        var second = new double[n];
        for (var i = 0; i < n; i++)
        {
            var qg = (i < m ? q0[i] * inner[i] : 0)
                + (i >= 1 && i - 1 < m ? q1[i - 1] * inner[i - 1] : 0)
                + (i >= 2 ? q2[i - 2] * inner[i - 2] : 0);
            f[i] = y[i] - (lambda * inverse[i] * qg);
            if (i >= 1 && i - 1 < m)
                second[i] = inner[i - 1];
        }
        return new SmoothingSpline(x, f, second);
    }

    /// <summary>L D L' of a symmetric positive definite matrix with two diagonals on either side.</summary>
    static double[] SolveFiveDiagonals(double[] diagonal, double[] above, double[] farAbove, double[] right)
    {
        var m = diagonal.Length;
        var (d, l1, l2, z) = (new double[m], new double[m], new double[m], new double[m]);
        for (var i = 0; i < m; i++)
        {
            var previous = i >= 1 ? d[i - 1] * l1[i - 1] * l1[i - 1] : 0;
            var beforePrevious = i >= 2 ? d[i - 2] * l2[i - 2] * l2[i - 2] : 0;
            d[i] = diagonal[i] - previous - beforePrevious;
            l1[i] = (above[i] - (i >= 1 ? d[i - 1] * l1[i - 1] * l2[i - 1] : 0)) / d[i];
            l2[i] = farAbove[i] / d[i];
            z[i] = right[i] - (i >= 1 ? l1[i - 1] * z[i - 1] : 0) - (i >= 2 ? l2[i - 2] * z[i - 2] : 0);
        }
        var result = new double[m];
        for (var i = m - 1; i >= 0; i--)
            result[i] = (z[i] / d[i]) - (i + 1 < m ? l1[i] * result[i + 1] : 0) - (i + 2 < m ? l2[i] * result[i + 2] : 0);
        return result;
    }
}
