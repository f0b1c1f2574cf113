using System.Diagnostics;

namespace MlNetCnn.Tests;

/// <summary>What a program left when it ended.</summary>
internal sealed record ChildProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a program to its end.</summary>
    public static ChildProcess Run(string executable, params string[] arguments) => Run(new ProcessStartInfo(executable, arguments));

    public static ChildProcess Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        // Both at once: a program that fills the pipe nobody reads waits for ever.
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ChildProcess(process.ExitCode, output, errors.Result);
    }
}
