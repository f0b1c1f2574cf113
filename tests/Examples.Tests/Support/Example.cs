using System.Diagnostics;
using System.Text;

namespace Examples.Tests;

/// <summary>An example as a user starts it: a process with arguments, exit code and output.</summary>
internal sealed class Example(string name, TempFolder home)
{
    public (int ExitCode, string Output) Run(params string[] arguments) => Run(arguments, stopAt: null);

    /// <summary>Presses Ctrl-C, or sends another signal, when a line of the output begins with a text.</summary>
    public (int ExitCode, string Output) RunAndStopAt(string beginningOfLine, params string[] arguments) => Run(arguments, beginningOfLine);

    public (int ExitCode, string Output) RunAndTerminateAt(string beginningOfLine, params string[] arguments) => Run(arguments, beginningOfLine, "-TERM");

    private (int ExitCode, string Output) Run(string[] arguments, string? stopAt, string signal = "-INT")
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Path,
        };
        // Neither the user's images nor their cache: only what the test gives. One thread: tiny images gain nothing from more.
        start.Environment.Remove("MLNETCNN_DATA");
        start.Environment["XDG_DATA_HOME"] = home.At("cache");
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.AppendLine(line);
            if (stopAt is not null && line.StartsWith(stopAt, StringComparison.Ordinal))
            {
                ChildProcess.Run("kill", signal, $"{process.Id}");
                stopAt = null;
            }
        }
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
