using System.Diagnostics;

namespace Cifar10Loader.Tests;

/// <summary>Runs a test only where a Python with numpy and torchvision is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonConditionAttribute : ConditionBaseAttribute
{
    public PythonConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "No python3 with numpy and torchvision was found.";

    public override string GroupName => "Python";

    public override bool IsConditionMet => Python.Executable is not null;
}

/// <summary>Runs a test only where the environment variable MLNETCNN_DATA names a folder with a given file.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataConditionAttribute : ConditionBaseAttribute
{
    private readonly string _file;

    public RealDataConditionAttribute(string file)
        : base(ConditionMode.Include)
    {
        _file = file;
        IgnoreMessage = $"MLNETCNN_DATA names no folder with '{file}'.";
    }

    public override string GroupName => "RealData";

    public override bool IsConditionMet => File.Exists(PathOf(_file));

    public static string PathOf(string file) =>
        Path.Combine(Environment.GetEnvironmentVariable("MLNETCNN_DATA") ?? "", file);
}

/// <summary>Runs a test only where file permissions hold: on Unix, for anyone but root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FilePermissionsConditionAttribute : ConditionBaseAttribute
{
    public FilePermissionsConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "File permissions bind nobody here (not Unix, or root).";

    public override string GroupName => "FilePermissions";

    public override bool IsConditionMet => !OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess;
}

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
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
