using System.Diagnostics;
using TorchSharp;

namespace TorchSharpConformance;

[TestClass]
public class MissingLibraryTests
{
    [TestMethod]
    public void A_missing_native_library_is_an_exception_that_names_it()
    {
        using var folder = new TempFolder();
        // The managed assemblies alone; Program below then uses a tensor.
        string self = folder.At("TorchSharp.Conformance.dll");
        foreach (string name in new[] { "TorchSharp.dll", "TorchSharp.Conformance.dll", "TorchSharp.Conformance.runtimeconfig.json" })
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), folder.At(name));

        var start = new ProcessStartInfo("dotnet", [self]);
        start.Environment["NUGET_PACKAGES"] = folder.Path;
        var child = ChildProcess.Run(start);
        Assert.AreEqual(Program.RefusedAsItShould, child.ExitCode, child.Output + child.Errors);
        StringAssert.Contains(child.Output, "LibTorchSharp");
    }
}

/// <summary>What the child process of the test above runs.</summary>
internal static class Program
{
    public const int RefusedAsItShould = 42;

    public static int Main()
    {
        try
        {
            using torch.Tensor tensor = torch.zeros(1);
            return 0;
        }
        catch (Exception exception)
        {
            Console.WriteLine(exception);
            return RefusedAsItShould;
        }
    }
}
