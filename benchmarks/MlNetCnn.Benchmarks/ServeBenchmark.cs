using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Cifar10Loader;
using ImageScoring;
using Microsoft.ML;
using MlNet.ImageClassification;
using MlNet.ResNet;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// Requests a second and the 99th percentile of their duration for 1, 8 and 64 clients of examples/Serve, beside a loop that reads
/// and scores the same files without a service.
/// </summary>
internal static class ServeBenchmark
{
    private const long MaximumPixels = 40_000_000;

    public static Command CreateCommand()
    {
        var model = new Option<FileInfo?>("--model") { Description = "A model.zip. [default: a ResNet-18 of drawn images, trained first]" };
        var images = new Option<DirectoryInfo?>("--images") { Description = "A folder of images to send. [default: the drawn ones]" };
        var seconds = new Option<int>("--seconds") { Description = "How long each number of clients is measured.", DefaultValueFactory = _ => 10 };
        var command = new Command("serve", "The service of examples/Serve beside a bare scoring loop.") { model, images, seconds };
        command.SetAction(parsed => Run(parsed.GetValue(model)?.FullName, parsed.GetValue(images)?.FullName, parsed.GetValue(seconds)));
        return command;
    }

    private static void Run(string? model, string? images, int seconds)
    {
        var folder = Directory.CreateTempSubdirectory("mlnetcnn-");
        try
        {
            var drawn = Path.Combine(folder.FullName, "images");
            if (model is null || images is null)
                Draw(drawn, folder.FullName);
            model ??= Train(drawn, Path.Combine(folder.FullName, "model.zip"));
            byte[][] files = [.. Directory.EnumerateFiles(images ?? drawn, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetExtension(file).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg").Order(StringComparer.Ordinal).Take(512).Select(File.ReadAllBytes)];

            // The loop is over before the service starts: both want all cores.
            double bare = Loop(model, files, batch: 1, seconds), batched = Loop(model, files, batch: 64, seconds);
            Print("bare loop, one image a pass", bare, null, bare);
            Print("bare loop, 64 images a pass", batched, null, bare);
            using var service = new Service(model);
            foreach (int clients in new[] { 1, 8, 64 })
            {
                service.Load(files, clients, TimeSpan.FromSeconds(Math.Max(1, seconds / 5)));
                var durations = service.Load(files, clients, TimeSpan.FromSeconds(seconds));
                Print($"service, {clients} {(clients == 1 ? "client" : "clients")}", durations.Count / (double)seconds, durations, bare);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Print(string what, double rate, List<double>? durations, double bare)
    {
        durations?.Sort();
        string delays = durations is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $", median {durations[durations.Count / 2]:F1} ms, p99 {durations[(int)(durations.Count * 0.99)]:F1} ms");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {rate:F1} images/s{delays}, {rate / bare:F2} of the loop"));
    }

    private static double Loop(string path, byte[][] files, int batch, int seconds)
    {
        using var model = ImageModel.Load(path, MaximumPixels);
        model.Score([.. files.Take(batch).Select(model.Read)]);
        int scored = 0;
        long start = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; scored += batch)
            model.Score([.. Enumerable.Range(scored, batch).Select(i => model.Read(files[i % files.Length]))]);
        return scored / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Draw(string images, string folder)
    {
        var mlContext = new MLContext(seed: 1);
        var batches = Path.Combine(folder, "batches");
        Cifar10.Generate(batches, trainingImages: 200, testImages: 10);
        Cifar10.ExportImages(Cifar10.Load(mlContext, batches, Cifar10Split.Train), images);
    }

    private static string Train(string images, string path)
    {
        var mlContext = new MLContext(seed: 1);
        var rows = mlContext.Data.LoadImageFolder(images);
        using var model = mlContext.Transforms.LoadImageFiles("Features", 64, 64, "ImagePath")
            .Append(mlContext.MulticlassClassification.Trainers.ResNet18(new ResNetOptions { Epoch = 1, Stem = ResNetStem.ImageNet }))
            .Fit(rows);
        mlContext.Model.Save(model, rows.Schema, path);
        return path;
    }

    /// <summary>examples/Serve as a process of its own.</summary>
    private sealed class Service : IDisposable
    {
        private readonly Process _process;
        private readonly HttpClient _client;

        public Service(string model)
        {
            _process = Process.Start(new ProcessStartInfo(
                "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Serve.dll"), "--model", model, "--urls", "http://127.0.0.1:0"])
            {
                RedirectStandardOutput = true,
            })!;
            string? line;
            do
                line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The service ended early; its message is above.");
            while (!line.Contains("Now listening on", StringComparison.Ordinal));
            _ = _process.StandardOutput.ReadToEndAsync();
            _client = new HttpClient { BaseAddress = new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]) };
        }

        /// <summary>Sends files from a number of clients at once, each the next when the last is answered; their milliseconds.</summary>
        public List<double> Load(byte[][] files, int clients, TimeSpan time)
        {
            long begin = Stopwatch.GetTimestamp();
            var all = Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
            {
                var durations = new List<double>();
                for (int i = client; Stopwatch.GetElapsedTime(begin) < time; i += clients)
                {
                    long start = Stopwatch.GetTimestamp();
                    using var content = new ByteArrayContent(files[i % files.Length]);
                    content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                    using var response = await _client.PostAsync("/predict?top=1", content);
                    response.EnsureSuccessStatusCode();
                    durations.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
                return durations;
            }))).GetAwaiter().GetResult();
            return [.. all.SelectMany(durations => durations)];
        }

        public void Dispose()
        {
            _client.Dispose();
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
