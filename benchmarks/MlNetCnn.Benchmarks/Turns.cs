using System.Diagnostics;
using System.Globalization;
using TorchSharp;

namespace MlNetCnn.Benchmarks;

/// <summary>Times contenders turn by turn in one process, so that whatever slows the machine down meets all of them.</summary>
internal static class Turns
{
    /// <summary>The milliseconds of each contender's turns, in order; the first turn of each warms up and is left out.</summary>
    /// <param name="turns">Measured turns.</param>
    /// <param name="contenders">What is timed. Tensors they leave behind are disposed.</param>
    public static Times[] Measure(int turns, params Action[] contenders)
    {
        var times = contenders.Select(_ => new List<double>()).ToArray();
        for (int turn = 0; turn <= turns; turn++)
            for (int i = 0; i < contenders.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                using (torch.NewDisposeScope())
                    contenders[i]();
                if (turn > 0)
                    times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        return [.. times.Select(list => new Times([.. list.Order()]))];
    }
}

/// <summary>The milliseconds of a contender's turns, the shortest first.</summary>
internal sealed record Times(double[] Sorted)
{
    public double Median => (Sorted[(Sorted.Length - 1) / 2] + Sorted[Sorted.Length / 2]) / 2;

    /// <summary>Median and range, for a table.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:G3} ({Sorted[0]:G3}-{Sorted[^1]:G3})");
}
