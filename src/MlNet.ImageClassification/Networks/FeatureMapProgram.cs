using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Computes a network's feature maps in one call of a TorchScript program: intermediate values are freed as soon as nothing needs them, and
/// on a CPU each convolution is one operation with the sum and the ReLU behind it.
/// </summary>
internal sealed class FeatureMapProgram : IDisposable
{
    private const string Prepare = "prepare";
    private const string Pack = "pack";
    private const string Compute = "feature_maps";
    private const int Unpacked = 0;
    private const int Several = 2;

    private static readonly Lazy<bool> FusesFloat32 = new(() => CanFuse(ScalarType.Float32));
    private static readonly Lazy<bool> FusesBFloat16 = new(() => CanFuse(ScalarType.BFloat16));

    private readonly jit.ScriptModule _program;
    private readonly bool _packsByCount;
    // By the number of images they are packed for.
    private readonly Dictionary<int, Tensor[]> _weights = [];

    /// <summary>Makes the program.</summary>
    /// <param name="describe">Describes the network to a graph, from the name of the images to that of the feature maps.</param>
    /// <param name="input">The size of the images.</param>
    /// <param name="device">Where it is to compute.</param>
    /// <param name="type">What it is to compute in.</param>
    public FeatureMapProgram(Func<INetworkGraph, string, string> describe, ImageShape input, Device device, ScalarType type)
        : this(describe, input, device, type, Fuses(device, type))
    {
    }

    private FeatureMapProgram(Func<INetworkGraph, string, string> describe, ImageShape input, Device device, ScalarType type, bool fuses)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _packsByCount = fuses && type == ScalarType.Float32;
        var graph = new ScriptGraph(input, fuses);
        var body = graph.Body(describe(graph, ScriptGraph.Images));
        _program = ScriptArchive.Load(
            new(Prepare, $"{ScriptGraph.Weights}: List[Tensor]", "List[Tensor]", graph.Preparation),
            new(Pack, $"{ScriptGraph.Weights}: List[Tensor], {ScriptGraph.Count}: int", "List[Tensor]", graph.Packing),
            new(Compute, $"{ScriptGraph.Images}: Tensor, {ScriptGraph.Weights}: List[Tensor]", "Tensor", body));
        try
        {
            Tensor[] constants = [.. graph.Constants.Select(constant => constant.to(type, device)).Select(constant => constant.dim() == 4 ? ChannelsLast.Of(constant) : constant)];
            _weights.Add(Unpacked, Kept(_program.invoke(Prepare, [constants])));
        }
        catch
        {
            _program.Dispose();
            throw;
        }
    }

    /// <summary>Computes the feature maps.</summary>
    /// <param name="images">[N, channels, height, width], of the program's type and on its device, in channels-last order.</param>
    /// <returns>[N, F, H', W'].</returns>
    public Tensor Run(Tensor images) => (Tensor)_program.invoke(Compute, images, WeightsFor(images.shape[0]));

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _program.Dispose();
        foreach (var weight in _weights.Values.SelectMany(weights => weights))
            weight.Dispose();
    }

    // In float32, oneDNN has one order of weights for a single image and another for several. Where it meets the wrong one, it reorders them
    // at every call, which for two images of 224 pixels takes as long as the arithmetic.
    private Tensor[] WeightsFor(long images)
    {
        int count = _packsByCount && images > 1 ? Several : 1;
        lock (_weights)
        {
            if (!_weights.TryGetValue(count, out var weights))
            {
                weights = Kept(_program.invoke(Pack, _weights.Values.First(), count));
                _weights.Add(count, weights);
                if (_weights.Remove(Unpacked, out var unpacked))
                    foreach (var weight in unpacked)
                        weight.Dispose();
            }
            return weights;
        }
    }

    private static Tensor[] Kept(object weights)
    {
        foreach (var weight in (Tensor[])weights)
            weight.DetachFromDisposeScope();
        return (Tensor[])weights;
    }

    private static bool Fuses(Device device, ScalarType type) => device.type == DeviceType.CPU && type switch
    {
        ScalarType.Float32 => FusesFloat32.Value,
        ScalarType.BFloat16 => FusesBFloat16.Value,
        _ => false,
    };

    // Not every build of LibTorch has oneDNN, and not every processor what it asks for.
    private static bool CanFuse(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        try
        {
            using var program = new FeatureMapProgram(
                (graph, images) => graph.Add(Convolution(graph, graph.Relu(Convolution(graph, images))), graph.Relu(images)),
                new ImageShape(1, 1, 1), CPU, type, fuses: true);
            program.Run(ones([1, 1, 1, 1], type));
            return true;
        }
        catch (ExternalException)
        {
            return false;
        }

        static string Convolution(INetworkGraph graph, string input) =>
            graph.Convolution(input, ones([1, 1, 1, 1]), zeros([1]), stride: 1, groups: 1);
    }
}
