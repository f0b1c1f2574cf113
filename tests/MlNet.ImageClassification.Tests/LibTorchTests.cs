using System.Diagnostics;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>What a user is told whose application cannot load LibTorch.</summary>
[TestClass]
public sealed class LibTorchTests
{
    private readonly TempFolder _application = new();

    [TestCleanup]
    public void DeleteFolder() => _application.Dispose();

    [TestMethod]
    public void An_application_without_a_backend_is_told_which_package_to_reference()
    {
        CopyApplicationWithout(file => file.Contains("torch", StringComparison.OrdinalIgnoreCase) && Path.GetExtension(file) is ".so" or ".dylib"
            || Path.GetFileName(file) is "LibTorchSharp.dll");

        var output = Score();

        Assert.Contains("LibTorch cannot be loaded: ", output);
        Assert.Contains("Add a reference to one of the packages TorchSharp-cpu, TorchSharp-cuda-linux and TorchSharp-cuda-windows", output);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void A_libstdcxx_that_is_too_old_is_named_with_the_remedy()
    {
        const string library = "libLibTorchSharp.so";
        CopyApplicationWithout(file => Path.GetFileName(file) == library);
        // A version that every system has becomes one that none has.
        var content = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, library));
        "GLIBCXX_3.4.99"u8.CopyTo(content.AsSpan(content.AsSpan().IndexOf("GLIBCXX_3.4.21"u8)));
        File.WriteAllBytes(_application.At(library), content);

        var output = Score();

        Assert.Contains("TorchSharp's native library needs GLIBCXX_3.4.99, which this system's libstdc++ lacks.", output);
        Assert.Contains("install the libstdc++ of GCC 13 or later", output);
    }

    [TestMethod]
    public void No_more_threads_are_taken_than_the_processors_that_the_process_may_use_unless_the_user_chose()
    {
        Assert.AreEqual(1, Threads(chosen: null));
        Assert.AreEqual(2, Threads(chosen: 2));

        static int Threads(int? chosen)
        {
            var process = FreshProcess.Call(TellThreads, ("DOTNET_PROCESSOR_COUNT", "1"), ("OMP_NUM_THREADS", chosen?.ToString()));
            Assert.AreEqual(0, process.ExitCode, process.Errors);
            return int.Parse(process.Output);
        }
    }

    public static void TellThreads()
    {
        LibTorch.Load();
        Console.WriteLine(torch.get_num_threads());
    }

    /// <summary>Copies the tests; the native libraries, half a gigabyte, are linked.</summary>
    private void CopyApplicationWithout(Func<string, bool> leaveOut)
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory).Where(file => !leaveOut(file)))
            if (Path.GetExtension(file) is ".dll" or ".json")
                File.Copy(file, _application.At(Path.GetFileName(file)));
            else
                File.CreateSymbolicLink(_application.At(Path.GetFileName(file)), file);
    }

    private string Score()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", _application.At("MlNet.ImageClassification.Tests.dll"), Path.Combine(AppContext.BaseDirectory, "Golden", "golden-v1.zip"), "1"]);
        // Not from NuGet's cache, where TorchSharp looks next.
        start.Environment["NUGET_PACKAGES"] = _application.Path;
        var run = ChildProcess.Run(start);
        return run.Output + run.Errors;
    }
}
