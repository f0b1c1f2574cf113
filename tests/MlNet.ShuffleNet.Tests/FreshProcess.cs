using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ShuffleNet.Tests;

/// <summary>
/// The tests started as a program: loads a model and prints its scores, as an application would that knows ML.NET only.
/// </summary>
public static class FreshProcess
{
    public static void Main(string[] arguments)
    {
        var ml = new MLContext();
        var model = ml.Model.Load(arguments[0], out _);
        var images = TinyImages.Load(ml, int.Parse(arguments[1]), first: 1000);
        foreach (var scores in model.Transform(images).GetColumn<float[]>("Score"))
            Console.WriteLine(string.Join(' ', scores.Select(BitConverter.SingleToInt32Bits)));
    }

    /// <summary>Scores images by a saved model in a new process; the bits of all scores.</summary>
    public static int[] Score(string modelPath, int images)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(FreshProcess).Assembly.Location);
        start.ArgumentList.Add(modelPath);
        start.ArgumentList.Add(images.ToString());
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return [.. output.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
    }
}
