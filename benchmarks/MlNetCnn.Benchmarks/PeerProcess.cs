using System.Diagnostics;
using System.Globalization;

namespace MlNetCnn.Benchmarks;

/// <summary>A script of peers/ that takes a training step for every line it is sent and answers with its milliseconds.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;

    public PeerProcess(string python, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(python) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "peers", script));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
    }

    /// <summary>The milliseconds one step takes.</summary>
    public double Step()
    {
        _process.StandardInput.WriteLine("step");
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The PyTorch side ended early; its message is above. It needs torch and torchvision.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
