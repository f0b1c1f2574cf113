using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetCnn.Tests;

/// <summary>
/// The tests started as a program: loads a model and prints its scores, as an application would that knows ML.NET only, or
/// calls a method that may end the process.
/// </summary>
public static class FreshProcess
{
    public static void Main(string[] arguments)
    {
        if (arguments[0] == "call")
        {
            typeof(FreshProcess).Assembly.GetType(arguments[1])!.GetMethod(arguments[2])!.CreateDelegate<Action>()();
            return;
        }
        var ml = new MLContext();
        var model = ml.Model.Load(arguments[0], out _);
        var images = ml.Keyed(TinyImages.Floats(int.Parse(arguments[1]), first: 1000));
        foreach (var scores in model.Transform(images).GetColumn<float[]>("Score"))
            Console.WriteLine(string.Join(' ', scores.Select(BitConverter.SingleToInt32Bits)));
    }

    /// <summary>Scores images by a saved model in a new process; the bits of each score.</summary>
    public static int[][] Score(string modelPath, int images)
    {
        var scoring = ChildProcess.Run("dotnet", "exec", typeof(FreshProcess).Assembly.Location, modelPath, $"{images}");
        Assert.AreEqual(0, scoring.ExitCode, scoring.Errors);
        return [.. scoring.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ').Select(int.Parse).ToArray())];
    }

    /// <summary>Calls a public static method in a new process.</summary>
    /// <param name="method">The method.</param>
    /// <param name="environment">Environment variables; null removes one.</param>
    internal static ChildProcess Call(Action method, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            ["exec", typeof(FreshProcess).Assembly.Location, "call", method.Method.DeclaringType!.FullName!, method.Method.Name]);
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        return ChildProcess.Run(start);
    }
}
