using System.CommandLine;
using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;
using SkiaSharp;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// From JPEG files to vectors, read by a set of cursors: LoadImageFiles beside LoadImages, ResizeImages and ExtractPixels over
/// the images of CIFAR-10, over photos and over large photos, in turns; and the latter three over the 50,000 training images of
/// CIFAR-10 beside torchvision's ImageFolder and ToTensor, read by a DataLoader with as many workers.
/// </summary>
internal static class ImagePipelineBenchmark
{
    private const string Archive = "cifar10-images.tar.gz";
    private const string FlowersArchive = "flower_photos-subset.tar";
    private const int Side = 32;
    private const int PhotoSide = 224;
    private const int LargePhotoSide = 4000;

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
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often LoadImageFiles and ML.NET's transforms take turns; the medians are compared.",
            DefaultValueFactory = _ => 5
        };
        var withoutPeer = new Option<bool>("--without-peer") { Description = "Leaves torchvision out." };
        var command = new Command("image-pipeline", "LoadImageFiles beside LoadImages, ResizeImages, ExtractPixels; these beside torchvision.")
        {
            data, workers, python, rounds, withoutPeer
        };
        command.SetAction(arguments => Measure(
            arguments.GetValue(data)?.FullName ?? Environment.GetEnvironmentVariable("MLNETCNN_DATA"),
            arguments.GetValue(workers),
            arguments.GetValue(rounds),
            arguments.GetValue(withoutPeer) ? null : arguments.GetValue(python)));
        return command;
    }

    private static int Measure(string? data, int workers, int rounds, string? python)
    {
        foreach (var name in new[] { Archive, FlowersArchive })
        {
            if (!File.Exists(Path.Combine(data ?? "", name)))
            {
                Console.Error.WriteLine($"There is no {name} in '{data}'. Name its folder by --data or MLNETCNN_DATA.");
                return 1;
            }
        }

        var folder = Directory.CreateTempSubdirectory("image-pipeline-").FullName;
        try
        {
            using (var tar = new GZipStream(File.OpenRead(Path.Combine(data!, Archive)), CompressionMode.Decompress))
                TarFile.ExtractToDirectory(tar, folder, overwriteFiles: false);
            TarFile.ExtractToDirectory(Path.Combine(data!, FlowersArchive), folder, overwriteFiles: false);
            var train = Path.Combine(folder, "train");
            var files = Jpegs(train);
            var photos = Jpegs(Path.Combine(folder, "flower_photos"));
            var large = photos.Take(8).Select((photo, i) => Enlarge(photo, Path.Combine(folder, $"large{i}.jpg"))).ToArray();

            Compare($"{Side} x {Side}", files[..Math.Min(10_000, files.Length)], Side, workers, rounds);
            Compare($"photos to {PhotoSide} x {PhotoSide}", photos, PhotoSide, workers, rounds);
            Compare($"photos of {LargePhotoSide} pixels to {PhotoSide} x {PhotoSide}", large, PhotoSide, workers, rounds);
            if (python is null)
                return 0;

            // Compiles the code that is measured. The files are in the page cache, having just been written.
            RunPipeline(Floats, files[..Math.Min(2000, files.Length)], workers);
            var ours = RunPipeline(Floats, files, workers);
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

    private static string[] Jpegs(string folder) =>
        Directory.GetFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();

    private static string Enlarge(string photo, string path)
    {
        using var image = SKBitmap.Decode(photo);
        var scale = (double)LargePhotoSide / Math.Max(image.Width, image.Height);
        using var large = image.Resize(
            new SKImageInfo((int)Math.Round(image.Width * scale), (int)Math.Round(image.Height * scale)), SKFilterQuality.High);
        using var file = large.Encode(SKEncodedImageFormat.Jpeg, 90);
        File.WriteAllBytes(path, file.ToArray());
        return path;
    }

    private static void Compare(string what, string[] files, int side, int workers, int rounds)
    {
        // The first round compiles the code.
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var loaded = RunPipeline(mlContext => mlContext.Transforms.LoadImageFiles("Pixels", side, side, "Path"), files, workers);
            var chained = RunPipeline(mlContext => Bytes(mlContext, side), files, workers);
            if (round == 0)
                continue;
            ours.Add(loaded.ImagesPerSecond);
            theirs.Add(chained.ImagesPerSecond);
        }

        var (our, their) = (Times.MedianOf(ours), Times.MedianOf(theirs));
        Console.WriteLine(FormattableString.Invariant(
            $"{what}, {files.Length} files, {workers} cursors: LoadImageFiles {our:F0} images/s ({ours.Min():F0} to {ours.Max():F0}), ") +
            FormattableString.Invariant($"ML.NET's transforms {their:F0} ({theirs.Min():F0} to {theirs.Max():F0}), ratio {our / their:F2}"));
    }

    private static IEstimator<ITransformer> Bytes(MLContext mlContext, int side) =>
        mlContext.Transforms.LoadImages("Image", "", "Path")
            .Append(mlContext.Transforms.ResizeImages("Image", side, side))
            .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image", interleavePixelColors: true, outputAsFloatArray: false));

    private static IEstimator<ITransformer> Floats(MLContext mlContext) =>
        mlContext.Transforms.LoadImages("Image", "", "Path")
            .Append(mlContext.Transforms.ResizeImages("Image", Side, Side))
            .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image", scaleImage: 1 / 255f));

    private static Run RunPipeline(Func<MLContext, IEstimator<ITransformer>> pipeline, string[] files, int workers)
    {
        var mlContext = new MLContext();
        var paths = mlContext.Data.LoadFromEnumerable(files.Select(file => new PathRow { Path = file }));
        var pixels = pipeline(mlContext).Fit(paths).Transform(paths);
        var column = pixels.Schema["Pixels"];
        var type = (VectorDataViewType)column.Type;
        Func<DataViewRowCursor, (long, double)> readAll = type.ItemType == NumberDataViewType.Byte
            ? cursor => ReadAll<byte>(cursor, column, type.Size, Sum)
            : cursor => ReadAll<float>(cursor, column, type.Size, Sum);

        var watch = Stopwatch.StartNew();
        var readers = pixels.GetRowCursorSet([column], workers)
            .Select(cursor => Task.Factory.StartNew(() => readAll(cursor), TaskCreationOptions.LongRunning))
            .ToArray();
        var read = Task.WhenAll(readers).Result;
        watch.Stop();

        var images = read.Sum(part => part.Item1);
        return new Run(images, watch.Elapsed.TotalSeconds, read.Sum(part => part.Item2) / ((double)images * type.Size));
    }

    private static (long Images, double Sum) ReadAll<T>(
        DataViewRowCursor cursor, DataViewSchema.Column column, int size, Func<T[], double> sumOf)
    {
        using (cursor)
        {
            var getter = cursor.GetGetter<VBuffer<T>>(column);
            var values = new T[size];
            VBuffer<T> row = default;
            var images = 0L;
            var sum = 0.0;
            while (cursor.MoveNext())
            {
                getter(ref row);
                row.CopyTo(values);
                images++;
                sum += sumOf(values);
            }

            return (images, sum);
        }
    }

    // Proof that the pixels were made, and the same ones by both.
    private static double Sum(float[] values)
    {
        var sums = Vector<float>.Zero;
        foreach (var vector in MemoryMarshal.Cast<float, Vector<float>>(values))
            sums += vector;
        return Vector.Sum(sums);
    }

    private static double Sum(byte[] values)
    {
        var sum = 0L;
        foreach (var value in values)
            sum += value;
        return sum;
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
