using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML;
using TorchSharp;

namespace MlNet.ImageClassification.Reports;

/// <summary>Where the page was made and with which versions.</summary>
internal static class MachineSection
{
    public static Markup Write(TrainingReport? report)
    {
        var html = new Html().Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Machine and versions\">\n<table class=\"figures options\"><caption>Machine and versions, when this page was written</caption>\n<tbody>\n");
        if (report?.Target is { } target)
            Row("Trained on", target);
        Row("Processor", $"{Processor()}, {Environment.ProcessorCount} cores in use");
        Row("Memory", FormattableString.Invariant($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30):0.0} GiB"));
        Row("Operating system", RuntimeInformation.OSDescription);
        Row(".NET", RuntimeInformation.FrameworkDescription);
        Row("MlNet.ImageClassification", VersionOf(typeof(ImageClassificationTransformer)));
        Row("ML.NET", VersionOf(typeof(MLContext)));
        Row("TorchSharp", $"{VersionOf(typeof(torch))}, LibTorch {torch.__version__}");
        Row("Written", FormattableString.Invariant($"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC"));
        return html.Add($"</tbody></table></div>").ToMarkup();

        void Row(string name, string value) =>
            html.Add($"<tr><th scope=\"row\" class=\"text\">{name}</th><td class=\"text\">{value}</td></tr>\n");
    }

    private static string VersionOf(Type type)
    {
        var assembly = type.Assembly;
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{assembly.GetName().Version}";
        // The source revision that the compiler adds is longer than the version.
        return version.Split('+')[0];
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        if (File.Exists(Info) && File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line)
            return line[(line.IndexOf(':') + 1)..].Trim();
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture}";
    }
}
