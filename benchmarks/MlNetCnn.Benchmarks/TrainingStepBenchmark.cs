using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MlNet.ImageClassification;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>One training step of ResNet-50 through the binding and through PyTorch, turn by turn.</summary>
internal static class TrainingStepBenchmark
{
    public static Command CreateCommand()
    {
        var imageSizes = new Option<int[]>("--image-size")
        {
            Description = "Height and width of the images; 32 means batches of 128, any other batches of 16.",
            DefaultValueFactory = _ => [32, 224],
            AllowMultipleArgumentsPerToken = true,
        };
        var precisions = new Option<string[]>("--precision")
        {
            Description = "Type the network computes in.",
            DefaultValueFactory = _ => ["float32", "bfloat16"],
            AllowMultipleArgumentsPerToken = true,
        }.AcceptOnlyFromAmong("float32", "bfloat16");
        var layouts = new Option<string[]>("--layout")
        {
            Description = "Order of the tensors in memory.",
            DefaultValueFactory = _ => ["nchw", "channels-last"],
            AllowMultipleArgumentsPerToken = true,
        }.AcceptOnlyFromAmong("nchw", "channels-last");
        var steps = new Option<int>("--steps") { Description = "Measured steps of each side.", DefaultValueFactory = _ => 15 };
        var warmUp = new Option<int>("--warm-up") { Description = "Steps before them.", DefaultValueFactory = _ => 3 };
        var threads = new Option<int>("--threads") { Description = "Threads of each side.", DefaultValueFactory = _ => 2 };
        var keepPages = new Option<bool>("--keep-freed-pages")
        {
            Description = "Both sides tell glibc's allocator to keep the pages they free, as the library does.",
        };
        var python = new Option<string>("--python")
        {
            Description = "A Python with torch and torchvision.",
            DefaultValueFactory = _ => "/usr/bin/python3",
        };

        var command = new Command("training-step", "A ResNet-50 training step: this binding beside python3-torch.")
        {
            imageSizes, precisions, layouts, steps, warmUp, threads, keepPages, python,
        };
        command.SetAction(parsed =>
        {
            set_num_threads(parsed.GetValue(threads));
            if (parsed.GetValue(keepPages))
                NativeMemory.KeepFreedPages();
            Console.WriteLine("| images | precision | layout | MlNetCnn ms (best) | PyTorch ms (best) | images/s | ratio of medians |");
            Console.WriteLine("|---|---|---|---|---|---|---|");
            foreach (var imageSize in parsed.GetValue(imageSizes)!)
            {
                foreach (var precision in parsed.GetValue(precisions)!)
                {
                    foreach (var layout in parsed.GetValue(layouts)!)
                    {
                        var configuration = new Configuration(
                            imageSize, imageSize == 32 ? 128 : 16, precision, layout, parsed.GetValue(threads),
                            parsed.GetValue(keepPages));
                        Compare(configuration, parsed.GetValue(python)!, parsed.GetValue(warmUp), parsed.GetValue(steps));
                    }
                }
            }
        });
        return command;
    }

    private static void Compare(Configuration configuration, string python, int warmUp, int steps)
    {
        using var scope = NewDisposeScope();
        using var ours = new Ours(configuration);
        using var peer = new PeerProcess(
            python, "resnet50_training_step.py", $"{configuration.ImageSize}", $"{configuration.Batch}", configuration.Precision,
            configuration.Layout, $"{configuration.Threads}", configuration.KeepFreedPages ? "keep" : "default");
        var ourTimes = new List<double>();
        var peerTimes = new List<double>();
        for (var step = 0; step < warmUp + steps; step++)
        {
            var ourTime = ours.Step();
            var peerTime = peer.Step();
            if (step < warmUp)
                continue;
            ourTimes.Add(ourTime);
            peerTimes.Add(peerTime);
        }

        var (ourMedian, peerMedian) = (PeerProcess.Median(ourTimes), PeerProcess.Median(peerTimes));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {configuration.Batch} x {configuration.ImageSize} px | {configuration.Precision} | {configuration.Layout} "
            + $"| {ourMedian:F0} ({ourTimes.Min():F0}) | {peerMedian:F0} ({peerTimes.Min():F0}) "
            + $"| {1000 * configuration.Batch / ourMedian:F1} | {peerMedian / ourMedian:F3} |"));
    }

    private sealed record Configuration(
        int ImageSize, int Batch, string Precision, string Layout, int Threads, bool KeepFreedPages);

    private sealed class Ours : IDisposable
    {
        private readonly BareResNet50 _network;
        private readonly SGD _optimizer;
        private readonly Tensor _images;
        private readonly Tensor _labels;

        public Ours(Configuration configuration)
        {
            manual_seed(1);
            var channelsLast = configuration.Layout == "channels-last";
            _network = new BareResNet50(channelsLast);
            _optimizer = optim.SGD(_network.Parameters, 0.01, 0.9, 0, 1e-4, true);
            var images = randn([configuration.Batch, 3, configuration.ImageSize, configuration.ImageSize])
                .to_type(configuration.Precision == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32);
            _images = channelsLast ? BareResNet50.ChannelsLast(images) : images;
            _labels = randint(1000, [configuration.Batch], ScalarType.Int64);
        }

        /// <summary>The milliseconds one step takes.</summary>
        public double Step()
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var parameter in _network.Parameters)
                parameter.grad = null;
            using (var logits = _network.Forward(_images))
            using (var loss = nn.functional.cross_entropy(logits, _labels))
            {
                loss.backward();
                _optimizer.step();
                if (!float.IsFinite(loss.item<float>()))
                    throw new InvalidOperationException("The loss is no number any more; the time of such a step says nothing.");
            }
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _network.Dispose();
        }
    }
}
