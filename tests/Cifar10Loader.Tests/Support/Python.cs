using System.ComponentModel;

namespace Cifar10Loader.Tests;

/// <summary>Runs Python scripts that lie beside the tests.</summary>
internal static class Python
{
    private static readonly Lazy<string?> Found = new(() =>
        new[] { "/usr/bin/python3", "python3", "python" }.FirstOrDefault(name => Try(name, "-c", "import numpy, torchvision").ExitCode == 0));

    public static string? Executable => Found.Value;

    public static string Run(string script, params string[] arguments)
    {
        var run = Try(Executable!, [Path.Combine(AppContext.BaseDirectory, "Python", script), .. arguments]);
        Assert.AreEqual(0, run.ExitCode, run.Output + run.Errors);
        return run.Output;
    }

    private static ChildProcess Try(string executable, params string[] arguments)
    {
        try
        {
            return ChildProcess.Run(executable, arguments);
        }
        catch (Win32Exception e)
        {
            return new ChildProcess(-1, "", e.Message);
        }
    }
}
