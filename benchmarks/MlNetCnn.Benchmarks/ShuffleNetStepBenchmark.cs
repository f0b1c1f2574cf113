using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MlNet.ImageClassification;
using MlNet.ShuffleNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>One training step of ShuffleNetV1, the library's network beside PyTorch's best setting, turn by turn.</summary>
internal static class ShuffleNetStepBenchmark
{
    private static readonly string[] PeerSettings = ["bfloat16 channels-last", "bfloat16 nchw", "float32 channels-last", "float32 nchw"];

    public static Command CreateCommand()
    {
        var groups = new Option<int>("--groups") { Description = "Groups.", DefaultValueFactory = _ => 3 };
        var width = new Option<double>("--width") { Description = "Width.", DefaultValueFactory = _ => 2 };
        var precision = new Option<ScalarType>("--precision") { Description = "BFloat16 or Float32.", DefaultValueFactory = _ => ScalarType.BFloat16 };
        var stems = new Option<ShuffleNetStem[]>("--stem")
        {
            Description = "Cifar and Strided take 32 pixels in batches of 128, ImageNet 224 pixels in batches of 32.",
            DefaultValueFactory = _ => [ShuffleNetStem.Strided, ShuffleNetStem.Cifar, ShuffleNetStem.ImageNet],
            AllowMultipleArgumentsPerToken = true,
        };
        var steps = new Option<int>("--steps") { Description = "Measured steps of each side.", DefaultValueFactory = _ => 7 };
        var keepPages = new Option<bool>("--keep-freed-pages")
        {
            Description = "PyTorch, too, has glibc's allocator keep the pages that are freed, as the library does.",
        };
        var python = new Option<string>("--python") { Description = "A Python with torch.", DefaultValueFactory = _ => "/usr/bin/python3" };
        var command = new Command("shufflenet-step", "A ShuffleNetV1 training step: the library's network beside PyTorch in its best setting.")
        {
            groups, width, precision, stems, steps, keepPages, python,
        };
        command.SetAction(parsed =>
        {
            NativeMemory.KeepFreedPages();
            Console.WriteLine("| stem | images | MlNetCnn ms (best) | images/s | PyTorch ms (best) | images/s | its setting | ratio of medians |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
            foreach (var stem in parsed.GetValue(stems)!)
                Compare(
                    parsed.GetValue(groups), parsed.GetValue(width), stem, parsed.GetValue(precision),
                    parsed.GetValue(steps), parsed.GetValue(keepPages), parsed.GetValue(python)!);
        });
        return command;
    }

    private static void Compare(int groups, double width, ShuffleNetStem stem, ScalarType precision, int steps, bool keepPages, string python)
    {
        var (imageSize, batch) = stem == ShuffleNetStem.ImageNet ? (224, 32) : (32, 128);
        var text = FormattableString.Invariant($"shufflenetv1 g{groups} {width}x stem={stem.ToString().ToLowerInvariant()}");
        using var network = new ShuffleNetFamily().Create(text, new ImageShape(3, imageSize, imageSize), 10);
        network.Initialize(1);
        network.train();
        PeerProcess Peer(string setting) => new(
            python, "shufflenet_training_step.py",
            [
                $"{groups}", FormattableString.Invariant($"{width}"), stem.ToString().ToLowerInvariant(), $"{imageSize}", $"{batch}",
                .. setting.Split(' '), $"{get_num_threads()}", keepPages ? "keep" : "default",
            ]);

        var setting = PeerSettings.MinBy(candidate =>
        {
            using var peer = Peer(candidate);
            peer.Step();
            return Math.Min(peer.Step(), peer.Step());
        })!;

        using var best = Peer(setting);
        using var optimizer = optim.SGD(network.parameters(), 0.01, 0.9, 0, 1e-4, true);
        using var images = randn([batch, 3, imageSize, imageSize]).to_type(precision);
        using var labels = randint(10, [batch], ScalarType.Int64);
        var (ours, theirs) = (new List<double>(), new List<double>());
        const int WarmUp = 2;
        for (var step = -WarmUp; step < steps; step++)
        {
            var (ourTime, theirTime) = (Step(), best.Step());
            if (step < 0)
                continue;
            ours.Add(ourTime);
            theirs.Add(theirTime);
        }

        var (our, their) = (PeerProcess.Median(ours), PeerProcess.Median(theirs));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {stem} | {batch} x {imageSize} px | {our:F0} ({ours.Min():F0}) | {1000 * batch / our:F0} "
            + $"| {their:F0} ({theirs.Min():F0}) | {1000 * batch / their:F0} | {setting} | {their / our:F2} |"));

        double Step()
        {
            var start = Stopwatch.GetTimestamp();
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(network.forward(images), labels);
            loss.backward();
            optimizer.step();
            if (!float.IsFinite(loss.item<float>()))
                throw new InvalidOperationException("The loss is no number any more; the time of such a step says nothing.");
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }
}
