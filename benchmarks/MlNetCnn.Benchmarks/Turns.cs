using System.Diagnostics;
using System.Globalization;
using TorchSharp;

namespace MlNetCnn.Benchmarks;

/// <summary>Times contenders turn by turn in one process, so that whatever slows the machine down meets all of them.</summary>
internal static class Turns
{
    private static readonly TimeSpan ShortestTurn = TimeSpan.FromMilliseconds(100);

    // Threads of the contender before may still spin for work.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The milliseconds of a pass of each contender, by turns. A turn is one pass or, of short ones, as many as take a tenth of a second,
    /// after one that is not counted.
    /// </summary>
    /// <param name="turns">Measured turns.</param>
    /// <param name="contenders">What is timed. Tensors they leave behind are disposed.</param>
    public static Times[] Measure(int turns, params Action[] contenders)
    {
        var passes = contenders.Select(contender => Passes(Time(contender, 1), Time(contender, 1))).ToArray();
        var times = contenders.Select(_ => new List<double>()).ToArray();
        for (int turn = 0; turn < turns; turn++)
            for (int i = 0; i < contenders.Length; i++)
            {
                Thread.Sleep(Pause);
                if (passes[i] > 1)
                    Time(contenders[i], 1);
                times[i].Add(Time(contenders[i], passes[i]).TotalMilliseconds / passes[i]);
            }
        return [.. times.Select(list => new Times([.. list.Order()]))];
    }

    // The first pass warms up.
    private static int Passes(TimeSpan first, TimeSpan second) => (int)Math.Ceiling(ShortestTurn / (second < first ? second : first));

    private static TimeSpan Time(Action contender, int passes)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < passes; i++)
        {
            using var scope = torch.NewDisposeScope();
            contender();
        }
        // A GPU is handed its work and computes on; the next contender must not pay for it.
        if (torch.cuda_is_available())
            torch.cuda.synchronize();
        return Stopwatch.GetElapsedTime(start);
    }
}

/// <summary>The milliseconds of a contender's turns, the shortest first.</summary>
internal sealed record Times(double[] Sorted)
{
    public double Median { get; } = MedianOf(Sorted);

    /// <summary>The middle of values in any order.</summary>
    public static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Median and range, for a table.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number(Median)} ({Number(Sorted[0])}-{Number(Sorted[^1])})");

    // Three digits, and never an exponent.
    private static string Number(double value) => value.ToString(value >= 100 ? "F0" : value >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture);
}
