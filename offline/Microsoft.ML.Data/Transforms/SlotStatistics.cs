using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Extremes, mean and variance of each slot of a vector column. NaN does not count.</summary>
internal sealed class SlotStatistics<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _min;
    private readonly T[] _max;
    private readonly double[] _mean;
    // Sums of squared distances from the mean.
    private readonly double[] _squares;
    private readonly long[] _count;
    private readonly T[] _row;

    public SlotStatistics(int slotCount)
    {
        _min = [.. Enumerable.Repeat(T.PositiveInfinity, slotCount)];
        _max = [.. Enumerable.Repeat(T.NegativeInfinity, slotCount)];
        _mean = new double[slotCount];
        _squares = new double[slotCount];
        _count = new long[slotCount];
        _row = new T[slotCount];
    }

    public int SlotCount => _min.Length;

    public void Add(VBuffer<T> row)
    {
        row.CopyTo(_row);
        for (int slot = 0; slot < _row.Length; slot++)
            Add(slot, _row[slot]);
    }

    private void Add(int slot, T value)
    {
        if (value < _min[slot])
            _min[slot] = value;
        if (value > _max[slot])
            _max[slot] = value;
        if (!T.IsFinite(value))
            return;

        double number = double.CreateChecked(value);
        double distance = number - _mean[slot];
        _mean[slot] += distance / ++_count[slot];
        _squares[slot] += distance * (number - _mean[slot]);
    }

    /// <summary>Maps to [0, 1], or with zero fixed to within [-1, 1]. A slot with one value only becomes 0.</summary>
    public SlotFunction ToMinMax(bool fixZero) => MakeAffine(slot =>
    {
        var (min, max) = (_min[slot], _max[slot]);
        if (!(max > min))
            return (T.Zero, T.Zero);
        return fixZero ? (T.One / T.Max(T.Abs(max), T.Abs(min)), T.Zero) : (T.One / (max - min), min);
    });

    /// <summary>Maps to variance 1 and mean 0, or with zero fixed to mean square 1. A constant slot becomes 0.</summary>
    public SlotFunction ToMeanVariance(bool fixZero) => MakeAffine(slot =>
    {
        if (_squares[slot] == 0)
            return (T.Zero, T.Zero);
        double variance = _squares[slot] / _count[slot];
        double mean = _mean[slot];
        return fixZero
            ? (T.One / T.CreateChecked(Math.Sqrt(variance + mean * mean)), T.Zero)
            : (T.One / T.CreateChecked(Math.Sqrt(variance)), T.CreateChecked(mean));
    });

    /// <summary>Maps to the normal distribution's cumulative probability.</summary>
    public SlotFunction ToCdf()
    {
        var means = new T[SlotCount];
        var deviations = new T[SlotCount];
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (_squares[slot] == 0)
                continue;
            means[slot] = T.CreateChecked(_mean[slot]);
            deviations[slot] = T.CreateChecked(Math.Sqrt(_squares[slot] / _count[slot]));
        }
        return new CdfFunction<T>(means, deviations);
    }

    private SlotFunction MakeAffine(Func<int, (T Scale, T Offset)> function)
    {
        var functions = Enumerable.Range(0, SlotCount).Select(function).ToArray();
        return new AffineFunction<T>(
            Array.ConvertAll(functions, f => f.Scale), Array.ConvertAll(functions, f => T.IsZero(f.Scale) ? T.Zero : f.Offset));
    }
}
