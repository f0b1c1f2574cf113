using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace BuildLogic.Tests;

/// <summary>TorchSharp's native library on systems whose libstdc++ is older than it asks for.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class OlderLinuxTests
{
    private const string Library = "libLibTorchSharp.so";
    private const byte WeakVersion = 2;

    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void A_system_that_lacks_the_version_gets_a_copy_in_which_it_is_optional()
    {
        var package = LibraryUsedWith("GLIBCXX_3.4.32");
        var adapted = LibraryUsedWith("GLIBCXX_3.4.30");

        Assert.StartsWith(_folder.Path, adapted);
        var (before, after) = (File.ReadAllBytes(package), File.ReadAllBytes(adapted));
        Assert.HasCount(before.Length, after);
        var changed = Enumerable.Range(0, before.Length).Single(i => before[i] != after[i]);
        Assert.AreEqual(before[changed] | WeakVersion, after[changed]);
    }

    [TestMethod]
    public void A_system_that_has_the_version_uses_the_library_of_the_package()
    {
        Assert.EndsWith($"runtimes/linux-x64/native/{Library}", LibraryUsedWith("GLIBCXX_3.4.30\0GLIBCXX_3.4.32"));
    }

    [TestMethod]
    public void A_library_built_in_another_way_is_left_alone()
    {
        var good = File.ReadAllBytes(LibraryUsedWith("GLIBCXX_3.4.32"));
        var symbol = good.AsSpan().IndexOf("_ZSt21ios_base_library_initv"u8);
        byte[] callsMore = [.. good];
        callsMore[symbol + 4] = (byte)'9';
        (string Name, byte[] Content)[] libraries =
        [
            ("good", good),
            ("empty", []),
            ("text", Encoding.UTF8.GetBytes(new string('x', 1000))),
            ("header", good[..64]),
            ("half", good[..(good.Length / 2)]),
            ("callsMore", callsMore),
        ];
        var calls = libraries.Select(library =>
            $"<MakeGlibcxxVersionOptional Source='{_folder.Write(library.Name, library.Content)}' Destination='{_folder.At("out", library.Name)}' " +
            "Version='$(TorchSharpGlibcxxVersion)' UnusedSymbol='_ZSt21ios_base_library_initv' />");
        _folder.Write("Try.proj", $"""
            <Project>
              <Import Project="{Repository.Root}/eng/OlderLinux.targets" />
              <Target Name="Try">{string.Concat(calls)}</Target>
            </Project>
            """);

        var run = Command.Run("dotnet", _folder.Path, "msbuild", "Try.proj", "-nologo", "-t:Try");

        Assert.AreEqual(0, run.ExitCode, run.Output);
        CollectionAssert.AreEqual(new[] { "good" }, Directory.GetFiles(_folder.At("out")).Select(Path.GetFileName).ToArray(), run.Output);
    }

    /// <summary>The library that an example would be built with on a system whose libstdc++ holds some text.</summary>
    private string LibraryUsedWith(string versions)
    {
        var name = Guid.NewGuid().ToString("n");
        var libstdcxx = _folder.Write($"{name}/libstdc++.so.6", versions);
        var build = Command.Run(
            "dotnet", Repository.Root, "msbuild", "examples/QuickStart", "-nologo", "-t:ResolvePackageAssets", "-getItem:NativeCopyLocalItems",
            "-p:Configuration=Release", "-p:TorchBackend=cpu", $"-p:SystemLibstdcxx={libstdcxx}", $"-p:IntermediateOutputPath={_folder.At(name)}/");
        Assert.AreEqual(0, build.ExitCode, build.Output);
        using var json = JsonDocument.Parse(build.Output);
        return json.RootElement.GetProperty("Items").GetProperty("NativeCopyLocalItems").EnumerateArray()
            .Select(item => item.GetProperty("FullPath").GetString()!)
            .Single(path => Path.GetFileName(path) == Library);
    }
}
