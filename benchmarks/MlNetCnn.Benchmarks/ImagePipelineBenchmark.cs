using System.CommandLine;
using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// From JPEG files to vectors: LoadImages, ResizeImages and ExtractPixels over the 50,000 training images of CIFAR-10,
/// read by a set of cursors, beside torchvision's ImageFolder and ToTensor read by a DataLoader with as many workers.
/// </summary>
internal static class ImagePipelineBenchmark
{
    private const string Archive = "cifar10-images.tar.gz";
    private const int Side = 32;

    private sealed class PathRow
    {
        public string Path { get; set; } = "";
    }

    private readonly record struct Run(long Images, double Seconds, double MeanPixel)
    {
        public double ImagesPerSecond => Images / Seconds;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Images} images in {Seconds:F2} s, {ImagesPerSecond:F0} images/s (mean pixel {MeanPixel:F4})");
    }

    public static Command CreateCommand()
    {
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = $"Folder with {Archive}; default: the environment variable MLNETCNN_DATA."
        };
        var workers = new Option<int>("--workers")
        {
            Description = "Cursors of the set, and workers of the DataLoader.",
            DefaultValueFactory = _ => 2
        };
        var python = new Option<string>("--python")
        {
            Description = "The Python that has torchvision.",
            DefaultValueFactory = _ => "/usr/bin/python3"
        };
        var command = new Command("image-pipeline", "LoadImages, ResizeImages, ExtractPixels beside torchvision's ImageFolder.")
        {
            data, workers, python
        };
        command.SetAction(arguments => Measure(
            arguments.GetValue(data)?.FullName ?? Environment.GetEnvironmentVariable("MLNETCNN_DATA"),
            arguments.GetValue(workers),
            arguments.GetValue(python)!));
        return command;
    }

    private static int Measure(string? data, int workers, string python)
    {
        var archive = Path.Combine(data ?? "", Archive);
        if (data is null || !File.Exists(archive))
        {
            Console.Error.WriteLine($"There is no {Archive} in '{data}'. Name its folder by --data or MLNETCNN_DATA.");
            return 1;
        }

        var folder = Directory.CreateTempSubdirectory("image-pipeline-").FullName;
        try
        {
            using (var tar = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress))
                TarFile.ExtractToDirectory(tar, folder, overwriteFiles: false);
            var train = Path.Combine(folder, "train");
            var files = Directory.GetFiles(train, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();

            // Compiles the code that is measured. The files are in the page cache, having just been written.
            RunPipeline(files[..Math.Min(2000, files.Length)], workers);
            var ours = RunPipeline(files, workers);
            Console.WriteLine($"ML.NET pipeline, {workers} cursors:      {ours}");
            var theirs = RunPeer(python, train, workers);
            Console.WriteLine($"torchvision DataLoader, {workers} workers: {theirs}");
            Console.WriteLine(FormattableString.Invariant($"ratio: {ours.ImagesPerSecond / theirs.ImagesPerSecond:F2}"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Run RunPipeline(string[] files, int workers)
    {
        var mlContext = new MLContext();
        var paths = mlContext.Data.LoadFromEnumerable(files.Select(file => new PathRow { Path = file }));
        var pixels = mlContext.Transforms.LoadImages("Image", "", "Path")
            .Append(mlContext.Transforms.ResizeImages("Image", Side, Side))
            .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1 / 255f))
            .Fit(paths).Transform(paths);
        var column = pixels.Schema["Pixels"];

        var watch = Stopwatch.StartNew();
        var readers = pixels.GetRowCursorSet([column], workers)
            .Select(cursor => Task.Factory.StartNew(() => ReadAll(cursor, column), TaskCreationOptions.LongRunning))
            .ToArray();
        var read = Task.WhenAll(readers).Result;
        watch.Stop();

        var images = read.Sum(part => part.Images);
        return new Run(images, watch.Elapsed.TotalSeconds, read.Sum(part => part.Sum) / (images * 3.0 * Side * Side));
    }

    private static (long Images, double Sum) ReadAll(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        using (cursor)
        {
            var getter = cursor.GetGetter<VBuffer<float>>(column);
            var values = new float[3 * Side * Side];
            VBuffer<float> row = default;
            var images = 0L;
            var sum = 0.0;
            while (cursor.MoveNext())
            {
                getter(ref row);
                row.CopyTo(values);
                images++;
                sum += Sum(values);
            }

            return (images, sum);
        }
    }

    // Proof that the pixels were made, and the same ones by both.
    private static float Sum(ReadOnlySpan<float> values)
    {
        var sums = Vector<float>.Zero;
        foreach (var vector in MemoryMarshal.Cast<float, Vector<float>>(values))
            sums += vector;
        return Vector.Sum(sums);
    }

    private static Run RunPeer(string python, string folder, int workers)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "image_pipeline.py");
        var start = new ProcessStartInfo(python, [script, folder, workers.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{python} could not be started.");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{python} {script} ended with exit code {process.ExitCode}.");
        var numbers = output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Run((long)numbers[0], numbers[1], numbers[2]);
    }
}
