using System.Diagnostics;

namespace BuildLogic.Tests;

internal static class Command
{
    /// <summary>Runs a program to its end and returns its exit code with what it printed.</summary>
    public static (int ExitCode, string Output) Run(string program, string folder, params string[] arguments)
    {
        return Run(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder });
    }

    public static (int ExitCode, string Output) Run(ProcessStartInfo start)
    {
        // Build servers started here would outlive the test and hold its folder; a test host's own settings stay with it.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBuild", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        var run = ChildProcess.Run(start);
        return (run.ExitCode, run.Output + run.Errors);
    }
}
