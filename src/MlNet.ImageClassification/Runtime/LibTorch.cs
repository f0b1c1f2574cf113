using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace MlNet.ImageClassification;

/// <summary>The native library behind TorchSharp, which the application chooses and may have forgotten.</summary>
internal static partial class LibTorch
{
    /// <summary>
    /// Loads LibTorch before its first use, where a failure can be told in a sentence, and holds it to the processors that the
    /// process may use.
    /// </summary>
    /// <exception cref="InvalidOperationException">It cannot be loaded; the message says what is missing and what to do.</exception>
    public static void Load()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
        }
        catch (TypeInitializationException e)
        {
            throw new InvalidOperationException(Explain(e), e);
        }
        LimitThreads();
    }

    // LibTorch counts the cores of the machine; a container's quota or DOTNET_PROCESSOR_COUNT may leave fewer, and threads that
    // share a processor slow each other down many times.
    private static void LimitThreads()
    {
        // Asked for every image of a PredictionEngine: the environment is looked up only where there are too many.
        if (torch.get_num_threads() > Environment.ProcessorCount && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")))
            torch.set_num_threads(Environment.ProcessorCount);
    }

    private static string Explain(Exception failure)
    {
        if (OperatingSystem.IsLinux() && MissingLibstdcxx().Match(LoaderError()) is { Success: true } version)
            return
                $"LibTorch cannot be loaded: TorchSharp's native library needs {version.Groups[1]}, which this system's libstdc++ " +
                "lacks. Build the application on this system with a reference to the package MlNet.ImageClassification, whose " +
                "build step adapts the library, or install the libstdc++ of GCC 13 or later.";
        string reason = (failure.InnerException ?? failure).Message.Split('\n')[0].TrimEnd('.', '\r');
        return
            $"LibTorch cannot be loaded: {reason}. Add a reference to one of the packages TorchSharp-cpu, TorchSharp-cuda-linux " +
            "and TorchSharp-cuda-windows to the application.";
    }

    // TorchSharp blames a missing package whatever the reason; the system's loader tells it.
    private static string LoaderError()
    {
        try
        {
            NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            return "";
        }
        catch (DllNotFoundException e)
        {
            return e.Message;
        }
    }

    [GeneratedRegex(@"version `(GLIBCXX_[\d.]+)' not found")]
    private static partial Regex MissingLibstdcxx();
}
