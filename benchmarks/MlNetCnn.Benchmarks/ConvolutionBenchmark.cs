using System.CommandLine;
using System.Globalization;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// The convolutions of the networks one by one: LibTorch's own beside a matrix product, forward, and forward and backward, and beside the
/// program that scores. The rules of docs/convolutions.md are made from its table.
/// </summary>
internal static class ConvolutionBenchmark
{
    /// <summary>A layer: kernel, channels in and out, stride, the image's side at the layer per 32 pixels of the network's input, groups.</summary>
    private sealed record Layer(string Network, int Kernel, int In, int Out, int Stride, double SideAt32, int Groups = 1);

    private static readonly Layer[] Layers =
    [
        new("ResNet-50", 1, 64, 256, 1, 8), new("ResNet-50", 1, 256, 64, 1, 8), new("ResNet-50", 3, 64, 64, 1, 8),
        new("ResNet-50", 1, 512, 128, 1, 4), new("ResNet-50", 1, 128, 512, 1, 4), new("ResNet-50", 3, 128, 128, 1, 4),
        new("ResNet-50", 1, 256, 512, 2, 8), new("ResNet-50", 3, 128, 128, 2, 8),
        new("ResNet-50", 1, 1024, 256, 1, 2), new("ResNet-50", 1, 256, 1024, 1, 2), new("ResNet-50", 3, 256, 256, 1, 2),
        new("ResNet-50", 1, 512, 1024, 2, 4), new("ResNet-50", 3, 256, 256, 2, 4),
        new("ResNet-50", 1, 2048, 512, 1, 1), new("ResNet-50", 1, 512, 2048, 1, 1), new("ResNet-50", 3, 512, 512, 1, 1),
        new("ResNet-50", 1, 1024, 2048, 2, 2), new("ResNet-50", 3, 512, 512, 2, 2),
        new("ShuffleNet 2x g3", 1, 480, 120, 1, 4, 3), new("ShuffleNet 2x g3", 1, 120, 480, 1, 4, 3), new("ShuffleNet 2x g3", 3, 120, 120, 1, 4, 120),
        new("ShuffleNet 2x g3", 3, 120, 120, 2, 8, 120), new("ShuffleNet 2x g3", 3, 240, 240, 2, 4, 240), new("ShuffleNet 2x g3", 3, 480, 480, 2, 2, 480),
        new("ShuffleNet 2x g3", 1, 960, 240, 1, 2, 3), new("ShuffleNet 2x g3", 1, 240, 960, 1, 2, 3), new("ShuffleNet 2x g3", 3, 240, 240, 1, 2, 240),
        new("ShuffleNet 2x g3", 1, 1920, 480, 1, 1, 3), new("ShuffleNet 2x g3", 1, 480, 1920, 1, 1, 3), new("ShuffleNet 2x g3", 3, 480, 480, 1, 1, 480),
    ];

    public static Command CreateCommand()
    {
        var sizes = new Option<int[]>("--size")
        {
            Description = "Sides of the network's images.",
            DefaultValueFactory = _ => [32, 64, 128, 224],
            AllowMultipleArgumentsPerToken = true,
        };
        var pixels = new Option<int>("--pixels") { Description = "Pixels of a batch; it is of at most 128 images.", DefaultValueFactory = _ => 128 * 64 * 64 };
        var precisions = new Option<ScalarType[]>("--precision")
        {
            Description = "BFloat16 or Float32.",
            DefaultValueFactory = _ => [ScalarType.BFloat16, ScalarType.Float32],
            AllowMultipleArgumentsPerToken = true,
        };
        var turns = new Option<int>("--turns") { Description = "Measured turns of each side.", DefaultValueFactory = _ => 5 };
        var command = new Command("convolutions", "The convolutions of ResNet-50 and ShuffleNet: LibTorch's beside a matrix product.") { sizes, pixels, precisions, turns };
        command.SetAction(parsed =>
        {
            Console.WriteLine("| type | network | kernel | channels | stride | groups | images | convolution fwd ms | scoring fwd ms | product fwd ms | convolution fwd+bwd ms | product fwd+bwd ms | ratio |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (var type in parsed.GetValue(precisions)!)
                foreach (int size in parsed.GetValue(sizes)!)
                    foreach (var layer in Layers)
                        Compare(layer, size, Math.Min(128, parsed.GetValue(pixels) / (size * size)), type, parsed.GetValue(turns));
        });
        return command;
    }

    private static void Compare(Layer layer, int size, int batch, ScalarType type, int turns)
    {
        using var scope = NewDisposeScope();
        int side = Math.Max(1, (int)Math.Ceiling(layer.SideAt32 * size / 32));
        var images = randn([batch, side, side, layer.In]).to_type(type).permute(0, 3, 1, 2).requires_grad_();
        var weight = randn([layer.Out, layer.Kernel, layer.Kernel, layer.In / layer.Groups]).mul_(0.01).permute(0, 3, 1, 2).requires_grad_();
        Func<Tensor> convolution = () => nn.functional.conv2d(
            images, weight.to_type(type), null, [layer.Stride, layer.Stride], [layer.Kernel / 2, layer.Kernel / 2], [1, 1], layer.Groups);
        Func<Tensor>? product = layer switch
        {
            { Kernel: 1, Groups: 1 } => () => OfPixels(images, weight.to_type(type), layer),
            { Kernel: 1 } => () => PerGroup(images, weight.to_type(type), layer),
            { Kernel: 3, Groups: 1 } when side <= 2 => () => OfImages(images, weight.to_type(type), layer),
            _ => null,
        };
        using var scoring = new FeatureMapProgram(
            (graph, input) => graph.Convolution(input, weight.detach(), zeros([layer.Out]), layer.Stride, layer.Groups),
            new ImageShape(layer.In, side, side), CPU, type);
        if (product is not null && !product().allclose(convolution(), rtol: 0.1, atol: 0.1))
            throw new InvalidOperationException($"{layer} differ.");

        var forward = Turns.Measure(turns, [Forward(convolution), Forward(() => scoring.Run(images)), .. product is null ? [] : new[] { Forward(product) }]);
        var both = Turns.Measure(turns, [Backward(convolution), .. product is null ? [] : new[] { Backward(product) }]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {type} | {layer.Network} | {layer.Kernel}x{layer.Kernel} | {layer.In} to {layer.Out} | {layer.Stride} | {layer.Groups} | {batch} x {side} px of {size} | {forward[0]} | {forward[1]} | {forward.ElementAtOrDefault(2)} | {both[0]} | {(both.Length == 1 ? " | " : $"{both[1]} | {both[0].Median / both[1].Median:F2}")} |"));

        Action Forward(Func<Tensor> function) => () =>
        {
            using var noGrad = no_grad();
            function();
        };

        Action Backward(Func<Tensor> function) => () =>
        {
            var output = function();
            output.backward([ones_like(output)]);
            images.grad!.zero_();
            weight.grad!.zero_();
        };
    }

    private static Tensor OfPixels(Tensor images, Tensor weight, Layer layer)
    {
        var pixels = images.permute(0, 2, 3, 1);
        if (layer.Stride > 1)
            pixels = pixels.slice(1, 0, pixels.shape[1], layer.Stride).slice(2, 0, pixels.shape[2], layer.Stride);
        return nn.functional.linear(pixels.contiguous(), weight.flatten(1)).permute(0, 3, 1, 2);
    }

    // Of images of one or two pixels a side, all values at once.
    private static Tensor OfImages(Tensor images, Tensor weight, Layer layer)
    {
        long side = images.shape[2], outputs = (side - 1) / layer.Stride + 1;
        var windows = weight.permute(0, 2, 3, 1);
        var taps = new List<Tensor>();
        for (long y = 0; y < outputs; y++)
            for (long x = 0; x < outputs; x++)
                taps.Add(Taps(Taps(windows, 1, y), 2, x).flatten(1));
        return nn.functional.linear(images.permute(0, 2, 3, 1).flatten(1), cat(taps, 0)).view(-1, outputs, outputs, layer.Out).permute(0, 3, 1, 2);

        Tensor Taps(Tensor values, int dimension, long output) =>
            values.slice(dimension, 1 - output * layer.Stride, 1 - output * layer.Stride + side, 1);
    }

    // One product per group on a stripe of the channels.
    private static Tensor PerGroup(Tensor images, Tensor weight, Layer layer)
    {
        var rows = images.permute(0, 2, 3, 1).reshape(-1, layer.In);
        var outputs = rows.chunk(layer.Groups, 1).Zip(weight.flatten(1).chunk(layer.Groups, 0)).Select(pair => nn.functional.linear(pair.First, pair.Second));
        return cat([.. outputs], 1).view(-1, images.shape[2], images.shape[3], layer.Out).permute(0, 3, 1, 2);
    }
}
