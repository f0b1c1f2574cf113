using System.CommandLine;
using System.Diagnostics;
using MlNet.ImageClassification;
using MlNet.ResNet;
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
        var command = new Command("memory-flat", "Resident memory and live tensors over many ResNet-50 training steps.")
        {
            steps, batch,
        };
        command.SetAction(parsed => Run(parsed.GetValue(steps), parsed.GetValue(batch)));
        return command;
    }

    private static void Run(int steps, int batch)
    {
        NativeMemory.KeepFreedPages();
        var before = LiveTensors();
        using (NewDisposeScope())
        {
            using var network = new ResNetFamily().Create("resnet50 stem=imagenet", new ImageShape(3, 32, 32), 10);
            network.Initialize(1);
            network.train();
            using var optimizer = optim.SGD(network.parameters(), 0.01, 0.9, nesterov: true);
            Console.WriteLine("| step | resident MB | live tensors |");
            Console.WriteLine("|---|---|---|");
            for (var step = 1; step <= steps; step++)
            {
                using (NewDisposeScope())
                {
                    var loss = nn.functional.cross_entropy(
                        network.forward(randn([batch, 3, 32, 32])), randint(10, [batch], ScalarType.Int64));
                    network.zero_grad();
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
