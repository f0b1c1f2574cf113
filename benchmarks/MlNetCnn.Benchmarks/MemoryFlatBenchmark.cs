using System.CommandLine;
using System.Diagnostics;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>Whether a long training keeps its memory: resident size and live tensors while ResNet-50 steps go by.</summary>
internal static class MemoryFlatBenchmark
{
    public static Command CreateCommand()
    {
        var steps = new Option<int>("--steps") { Description = "Training steps.", DefaultValueFactory = _ => 500 };
        var batch = new Option<int>("--batch") { Description = "Images of 32 px in a step.", DefaultValueFactory = _ => 32 };
        var keepPages = new Option<bool>("--keep-freed-pages")
        {
            Description = "Tell glibc's allocator to keep the pages that are freed, as the library does.",
        };
        var command = new Command("memory-flat", "Resident memory and live tensors over many ResNet-50 training steps.")
        {
            steps, batch, keepPages,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(keepPages))
                NativeMemory.KeepFreedPages();
            Run(parsed.GetValue(steps), parsed.GetValue(batch));
        });
        return command;
    }

    private static void Run(int steps, int batch)
    {
        var before = LiveTensors();
        using (var scope = NewDisposeScope())
        {
            manual_seed(1);
            using var network = new BareResNet50(channelsLast: true);
            using var optimizer = optim.SGD(network.Parameters, 0.01, 0.9, 0, 1e-4, true);
            Console.WriteLine("| step | resident MB | live tensors |");
            Console.WriteLine("|---|---|---|");
            for (var step = 1; step <= steps; step++)
            {
                using (NewDisposeScope())
                {
                    var images = BareResNet50.ChannelsLast(randn([batch, 3, 32, 32]));
                    var loss = nn.functional.cross_entropy(network.Forward(images), randint(1000, [batch], ScalarType.Int64));
                    optimizer.zero_grad();
                    loss.backward();
                    optimizer.step();
                }
                if (step == 1 || step % 50 == 0)
                    Console.WriteLine($"| {step} | {ResidentMegabytes()} | {LiveTensors()} |");
            }
        }
        Console.WriteLine();
        Console.WriteLine($"Live tensors before: {before}, after: {LiveTensors()}");
    }

    private static long LiveTensors() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static long ResidentMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1_000_000;
    }
}
