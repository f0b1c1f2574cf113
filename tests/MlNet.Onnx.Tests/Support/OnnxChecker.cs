using System.ComponentModel;

namespace MlNet.Onnx.Tests;

/// <summary>ONNX's own checker, as Debian's python3-onnx has it.</summary>
internal static class OnnxChecker
{
    private static readonly Lazy<string?> Python = new(() =>
        new[] { "/usr/bin/python3", "python3", "python" }.FirstOrDefault(name => Try(name, "-c", "import onnx")?.ExitCode == 0));

    /// <summary>Checks files; the test is skipped where there is no checker.</summary>
    /// <param name="full">Whether the shapes that the nodes give must be the declared ones; ML.NET's own nodes fail that.</param>
    /// <param name="paths">The files.</param>
    /// <returns>The inputs and outputs of each, a line a file.</returns>
    public static string[] Check(bool full, params IEnumerable<string> paths)
    {
        if (Python.Value is not { } python)
        {
            Assert.Inconclusive("There is no Python with the package onnx; on Debian 'apt-get install python3-onnx' brings it.");
            return [];
        }
        var run = Try(python, [Path.Combine(AppContext.BaseDirectory, "Python", "check.py"), full ? "full" : "plain", .. paths])!;
        Assert.AreEqual(0, run.ExitCode, run.Output + run.Errors);
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static ChildProcess? Try(string executable, params string[] arguments)
    {
        try
        {
            return ChildProcess.Run(executable, arguments);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
