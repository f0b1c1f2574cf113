using System.Globalization;

namespace MlNetCnn.Benchmarks;

/// <summary>What a benchmark prints: tables for people or, with --goals, one line per goal.</summary>
internal static class Output
{
    /// <summary>Whether only the goals are printed.</summary>
    public static bool GoalsOnly { get; set; }

    /// <summary>A line of a table.</summary>
    public static void Line(FormattableString line)
    {
        if (!GoalsOnly)
            Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A ratio that is to reach a goal: name, ratio and goal with tabs between them.</summary>
    public static void Goal(string name, double ratio, double goal)
    {
        if (GoalsOnly)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{ratio:F3}\t{goal:F2}"));
    }
}
