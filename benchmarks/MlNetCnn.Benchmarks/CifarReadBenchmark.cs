using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// Label and Pixels of all training images of CIFAR-10's binary version through one cursor, beside torchvision's CIFAR10
/// dataset iterated as tensors. Without the real batches, 50,000 generated images of the same format are read.
/// </summary>
internal static class CifarReadBenchmark
{
    /// <summary>What was read: the sums prove that both sides saw the same images.</summary>
    private readonly record struct Run(long Images, double Seconds, long LabelSum, double MeanByte)
    {
        public double ImagesPerSecond => Images / Seconds;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Images} images in {Seconds:F3} s, {ImagesPerSecond:F0} images/s (label sum {LabelSum}, mean byte {MeanByte:F4})");
    }

    public static Command CreateCommand()
    {
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = "Folder with data_batch_1.bin to data_batch_5.bin and batches.meta.txt; default: generated images."
        };
        var python = new Option<string>("--python")
        {
            Description = "The Python that has torchvision.",
            DefaultValueFactory = _ => "/usr/bin/python3"
        };
        var command = new Command("cifar-read", "All CIFAR-10 training images through a cursor beside torchvision's CIFAR10.")
        {
            data, python
        };
        command.SetAction(arguments => Measure(arguments.GetValue(data)?.FullName, arguments.GetValue(python)!));
        return command;
    }

    private static int Measure(string? data, string python)
    {
        var folder = Directory.CreateTempSubdirectory("cifar-read-").FullName;
        try
        {
            if (data is null)
            {
                data = folder;
                Cifar10.Generate(data, trainingImages: 50_000, testImages: 1);
            }

            var images = Cifar10.Load(new MLContext(), data, Cifar10Split.Train);
            // Compiles the code that is measured and brings the files into the page cache, where the peer's are too:
            // it holds them in memory.
            Read(images);
            var allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            var ours = Read(images);
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;

            Console.WriteLine($"Cifar10.Load, one cursor:      {ours}");
            Console.WriteLine($"managed memory allocated while reading: {allocated / 1024.0:F0} KiB");
            var theirs = ReadPeer(python, data);
            Console.WriteLine($"torchvision CIFAR10, ToTensor: {theirs}");
            Console.WriteLine(FormattableString.Invariant($"ratio: {ours.ImagesPerSecond / theirs.ImagesPerSecond:F1}"));
            return (ours.Images, ours.LabelSum) == (theirs.Images, theirs.LabelSum) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Run Read(IDataView data)
    {
        var (label, pixels) = (data.Schema["Label"], data.Schema["Pixels"]);
        var watch = Stopwatch.StartNew();
        using var cursor = data.GetRowCursor([label, pixels]);
        var getLabel = cursor.GetGetter<uint>(label);
        var getPixels = cursor.GetGetter<VBuffer<byte>>(pixels);
        uint key = 0;
        VBuffer<byte> image = default;
        var (images, labels, bytes) = (0L, 0L, 0L);
        while (cursor.MoveNext())
        {
            getLabel(ref key);
            getPixels(ref image);
            images++;
            labels += key - 1;
            bytes += Sum(image.GetValues());
        }

        watch.Stop();
        return new Run(images, watch.Elapsed.TotalSeconds, labels, bytes / (images * 3072.0));
    }

    private static long Sum(ReadOnlySpan<byte> values)
    {
        var sums = Vector<uint>.Zero;
        foreach (var vector in MemoryMarshal.Cast<byte, Vector<byte>>(values))
        {
            Vector.Widen(vector, out var low, out var high);
            // Two bytes fit a 16-bit lane.
            Vector.Widen(low + high, out var first, out var second);
            sums += first + second;
        }

        return Vector.Sum(sums);
    }

    private static Run ReadPeer(string python, string directory)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "cifar_read.py");
        var start = new ProcessStartInfo(python, [script, directory]) { RedirectStandardOutput = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{python} could not be started.");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{python} {script} ended with exit code {process.ExitCode}.");
        var numbers = output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Run((long)numbers[0], numbers[1], (long)numbers[2], numbers[3]);
    }
}
