using System.ComponentModel;
using System.Diagnostics;

namespace Cifar10Loader.Tests;

/// <summary>Runs Python scripts that lie beside the tests.</summary>
internal static class Python
{
    private static readonly Lazy<string?> Found = new(() =>
        new[] { "/usr/bin/python3", "python3", "python" }.FirstOrDefault(name => Try(name, "-c", "import numpy, torchvision").ExitCode == 0));

    public static string? Executable => Found.Value;

    public static string Run(string script, params string[] arguments)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Python", script);
        (int exitCode, string output) = Try(Executable!, [path, .. arguments]);
        Assert.AreEqual(0, exitCode, output);
        return output;
    }

    private static (int ExitCode, string Output) Try(string executable, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(executable, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
        }
        catch (Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
