using System.Diagnostics;
using System.Text.Json;

namespace BuildLogic.Tests;

/// <summary>Which LibTorch an application gets.</summary>
[TestClass]
public sealed class TorchBackendTests
{
    [TestMethod]
    [DataRow("cpu", "", "TorchSharp-cpu")]
    [DataRow("cuda-linux", "", "TorchSharp-cuda-linux")]
    [DataRow("cuda-windows", "", "TorchSharp-cuda-windows")]
    [DataRow("none", "", "")]
    [DataRow("auto", "false", "TorchSharp-cpu")]
    [DataRow("auto", "true", "TorchSharp-cuda-*")]
    public void The_backend_decides_which_package_an_application_references(string backend, string driverPresent, string expected)
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsLinux() ? "linux" : null;
        var evaluation = Evaluate("QuickStart", backend, driverPresent);

        // Other systems have no CUDA.
        expected = system is null && expected.EndsWith('*') ? "TorchSharp-cpu" : expected.Replace("*", system);
        CollectionAssert.AreEqual(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), References(evaluation, "TorchSharp-"));
    }

    [TestMethod]
    public void An_unknown_backend_is_refused()
    {
        var build = Command.Run("dotnet", Repository.Root, "msbuild", "examples/QuickStart", "-nologo", "-t:CheckTorchBackend", "-p:TorchBackend=tpu");

        Assert.AreNotEqual(0, build.ExitCode);
        Assert.Contains("TorchBackend is 'tpu'; it must be auto, cpu, cuda-linux, cuda-windows or none.", build.Output);
    }

    [TestMethod]
    public void Libraries_reference_the_managed_TorchSharp_only()
    {
        var evaluation = Command.Run("dotnet", Repository.Root, "msbuild", "src/MlNet.ResNet", "-getItem:PackageReference").Output;

        CollectionAssert.AreEqual(new[] { "TorchSharp" }, References(evaluation, "TorchSharp"));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Where_the_CUDA_package_cannot_be_restored_the_scripts_say_so_and_build_for_the_CPU()
    {
        using var tree = new TempFolder();
        Copy("eng", "*", tree);
        Copy("src", "*.csproj", tree);
        Copy("examples/QuickStart", "*.csproj", tree);
        foreach (var name in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json" })
            File.Copy(Path.Combine(Repository.Root, name), tree.At(name));
        // A package source that has nothing.
        tree.Write("nuget.config", "<configuration><packageSources><clear /><add key=\"empty\" value=\"eng\" /></packageSources></configuration>");

        Assert.AreEqual("backend=", Setup(driver: "").Trim());
        var output = Setup(driver: "true");
        Assert.Contains("notice: this machine has an NVIDIA driver, but TorchSharp-cuda-linux cannot be restored here", output);
        Assert.EndsWith("backend=cpu", output.Trim());

        string Setup(string driver)
        {
            var start = new ProcessStartInfo("bash", ["-c", "source eng/setup.sh; echo backend=$TorchBackend"]) { WorkingDirectory = tree.Path };
            start.Environment["NUGET_PACKAGES"] = tree.At("packages");
            start.Environment["NvidiaDriverPresent"] = driver;
            start.Environment.Remove("TorchBackend");
            return Command.Run(start).Output;
        }
    }

    private static string Evaluate(string example, string backend, string driverPresent) =>
        Command.Run("dotnet", Repository.Root, "msbuild", $"examples/{example}", "-getItem:PackageReference", $"-p:TorchBackend={backend}", $"-p:NvidiaDriverPresent={driverPresent}").Output;

    private static string[] References(string evaluation, string prefix)
    {
        using var json = JsonDocument.Parse(evaluation);
        return [.. json.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
    }

    private static void Copy(string folder, string pattern, TempFolder tree)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories))
            tree.Write(Path.GetRelativePath(Repository.Root, file), File.ReadAllBytes(file));
    }
}
