using System.CommandLine;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ShuffleNet;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>One training step: the library's network beside plain TorchSharp in each of its settings, turn by turn in one process.</summary>
internal static class TrainingStepBenchmark
{
    private static readonly (ScalarType Type, bool ChannelsLast)[] PlainSettings =
        [(ScalarType.Float32, false), (ScalarType.Float32, true), (ScalarType.BFloat16, true)];

    public static Command CreateCommand()
    {
        var networks = new Option<string[]>("--network")
        {
            Description = "resnet18, resnet50, or shufflenet-<stem>: a ShuffleNetV1 2x of 3 groups with the stem cifar, strided or imagenet.",
            DefaultValueFactory = _ => ["resnet50", "shufflenet-strided", "shufflenet-cifar"],
            AllowMultipleArgumentsPerToken = true,
        };
        var size = new Option<int>("--size") { Description = "Side of the images.", DefaultValueFactory = _ => 32 };
        var batch = new Option<int>("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 128 };
        var turns = new Option<int>("--turns") { Description = "Measured steps of each.", DefaultValueFactory = _ => 5 };
        var device = new DeviceOption();
        var command = new Command("training-step", "A training step of the library beside plain TorchSharp's.") { networks, size, batch, turns, device };
        command.SetAction(parsed =>
        {
            NativeMemory.KeepFreedPages();
            Output.Line($"| network | images | MlNetCnn bfloat16 ms | MlNetCnn float32 ms | plain float32 ms | plain float32 channels-last ms | plain bfloat16 channels-last ms | images/s, best against best | ratio |");
            Output.Line($"|---|---|---|---|---|---|---|---|---|");
            foreach (string network in parsed.GetValue(networks)!)
                Compare(network, parsed.GetValue(size), parsed.GetValue(batch), parsed.GetValue(turns), DeviceOption.Find(parsed.GetValue(device)));
        });
        return command;
    }

    private static void Compare(string name, int size, int batch, int turns, Device device)
    {
        using var scope = NewDisposeScope();
        var images = randn([batch, 3, size, size], device: device);
        var labels = randint(10, [batch], ScalarType.Int64, device);
        var ours = Ours(name, size);
        ours.to(device);
        var contenders = new List<Action> { OurStep(ours, ScalarType.BFloat16), OurStep(ours, ScalarType.Float32) };
        contenders.AddRange(PlainSettings.Select(setting => PlainStep(Plain(name).to(device, setting.Type), setting.Type, setting.ChannelsLast)));

        var times = Turns.Measure(turns, [.. contenders]);
        double our = times[..2].Min(time => time.Median), their = times[2..].Min(time => time.Median);
        Output.Line(
            $"| {name} | {batch} x {size} px | {string.Join(" | ", times.Select(time => time.ToString()))} | {1000 * batch / our:F0} / {1000 * batch / their:F0} | {their / our:F2} |");
        Output.Goal($"training step {name} {size} px, against plain TorchSharp", their / our, name != "resnet50" ? 2 : size >= 128 ? 1.1 : 2.4);

        Action OurStep(ClassificationNetwork network, ScalarType type)
        {
            var optimizer = new SgdOptimizer().Create(ParameterGroup.Of(network, backboneRate: 1));
            return () => Step(network, images.to_type(type), optimizer);
        }

        Action PlainStep(nn.Module<Tensor, Tensor> network, ScalarType type, bool channelsLast)
        {
            network.train();
            var optimizer = optim.SGD(network.parameters(), 0.01, momentum: 0.9, weight_decay: 5e-4, nesterov: true);
            var input = images.to_type(type);
            if (channelsLast)
                input = input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
            return () => Step(network, input, optimizer);
        }

        void Step(nn.Module<Tensor, Tensor> network, Tensor input, optim.Optimizer optimizer)
        {
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.forward(input).to_type(ScalarType.Float32), labels, label_smoothing: 0.1).backward();
            optimizer.step();
        }
    }

    private static ClassificationNetwork Ours(string name, int size)
    {
        NetworkFamily family = name.StartsWith("resnet", StringComparison.Ordinal) ? new ResNetFamily() : new ShuffleNetFamily();
        string architecture = family is ResNetFamily ? $"{name} stem=imagenet" : $"shufflenetv1 g3 2x stem={Stem(name)}";
        var network = family.Create(architecture, new ImageShape(3, size, size), 10);
        network.Initialize(1);
        network.train();
        return network;
    }

    private static nn.Module<Tensor, Tensor> Plain(string name) => name switch
    {
        "resnet18" => torchvision.models.resnet18(10),
        "resnet50" => torchvision.models.resnet50(10),
        _ => new PlainShuffleNet(groups: 3, width: 2, Stem(name), classes: 10),
    };

    private static string Stem(string name) => name["shufflenet-".Length..];
}
