using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;
using MlNet.ResNet;
using TorchSharp;

namespace MlNetCnn.Benchmarks;

/// <summary>What Fit takes of the machine's memory: the images it keeps, and the steps of large images beside PyTorch.</summary>
internal static class MemoryBenchmark
{
    private const int Classes = 10;

    public static Command CreateCommand()
    {
        var what = new Argument<string>("what")
        {
            Description = "images: 50,000 images of 32 px given as floats. steps: ResNet-50 at 224 px beside PyTorch.",
        }.AcceptOnlyFromAmong("images", "steps");
        var steps = new Option<int>("--steps") { Description = "Training steps of each side.", DefaultValueFactory = _ => 4 };
        var python = new Option<string>("--python")
        {
            Description = "A Python with torch and torchvision.",
            DefaultValueFactory = _ => "/usr/bin/python3",
        };
        var command = new Command("memory", "Peak resident memory of Fit.") { what, steps, python };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(what) == "images")
                KeepImages();
            else
                TakeSteps(parsed.GetValue(steps), parsed.GetValue(python)!);
        });
        return command;
    }

    private static void KeepImages()
    {
        const int count = 50_000;
        const int size = 32;
        long managedBefore = GC.GetTotalMemory(forceFullCollection: true);
        long residentBefore = PeakResident("self");
        long kept = 0;
        Fit(options => new ResNet18Trainer(options), size, count, steps: 1,
            _ => kept = GC.GetTotalMemory(forceFullCollection: true) - managedBefore);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"One copy of {count} images of {size} px as floats: {4L * 3 * size * size * count / 1e6:F0} MB. "
            + $"Fit holds {kept / 1e6:F0} MB of managed memory while it trains. "
            + $"Peak resident memory: {PeakResident("self") / 1e6:F0} MB; before Fit {residentBefore / 1e6:F0} MB."));
    }

    private static void TakeSteps(int steps, string python)
    {
        const int size = 224;
        const int count = 128;
        int batch = 0;
        Fit(options => new ResNet50Trainer(options), size, count, steps, progress => batch = count / progress.Steps);
        long ours = PeakResident("self");
        long theirs = PeakOfPeer(size, batch, steps, python);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Peak resident memory of {steps} ResNet-50 steps of {batch} images of {size} px: Fit {ours / 1e6:F0} MB, "
            + $"PyTorch (bfloat16, channels last) {theirs / 1e6:F0} MB, ratio {(double)ours / theirs:F3}"));
    }

    private static long PeakOfPeer(int size, int batch, int steps, string python)
    {
        using var peer = Process.Start(new ProcessStartInfo(python)
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "peers", "resnet50_training_step.py"), $"{size}", $"{batch}",
                $"{torch.get_num_threads()}",
            },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        for (int step = 0; step < steps; step++)
        {
            peer.StandardInput.WriteLine("step");
            peer.StandardInput.Flush();
            if (peer.StandardOutput.ReadLine() is null)
                throw new InvalidOperationException("The PyTorch side ended early; its message is above. It needs torch and torchvision.");
        }
        long peak = PeakResident($"{peer.Id}");
        peer.StandardInput.Close();
        peer.WaitForExit();
        return peak;
    }

    /// <summary>Trains on noise with the default batch and cancels after some steps, <paramref name="last"/> called before.</summary>
    private static void Fit(
        Func<ResNetOptions, ResNetTrainer> trainer, int size, int count, int steps, Action<TrainingProgress> last)
    {
        using var stop = new CancellationTokenSource();
        var options = new ResNetOptions
        {
            Stem = ResNetStem.ImageNet,
            CancellationToken = stop.Token,
            Progress = new Direct(progress =>
            {
                // Reports come now and then, not at every step.
                if (progress.Step < steps || stop.IsCancellationRequested)
                    return;
                last(progress);
                stop.Cancel();
            }),
        };
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3, size, size);
        try
        {
            trainer(options).Fit(new MLContext().Data.LoadFromEnumerable(Noise(size, count), schema)).Dispose();
        }
        catch (OperationCanceledException)
        {
            // As planned.
        }
    }

    // Made as they are read, so that the source holds none of them.
    private static IEnumerable<Row> Noise(int size, int count)
    {
        var random = new Random(1);
        var bytes = new byte[3 * size * size];
        for (int i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            yield return new Row { Label = (uint)(i % Classes), Features = Array.ConvertAll(bytes, b => b / 64f - 2) };
        }
    }

    /// <summary>The most bytes of physical memory that a process has had.</summary>
    private static long PeakResident(string process)
    {
        string line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    private sealed class Direct(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private sealed class Row
    {
        [KeyType(Classes)]
        public uint Label { get; set; }

        public float[] Features { get; set; } = [];
    }
}
