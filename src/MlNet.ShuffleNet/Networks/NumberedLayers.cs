using static TorchSharp.torch;

namespace MlNet.ShuffleNet;

/// <summary>Holds layers under the numbers that the state dictionary has for them; their owner computes with them.</summary>
internal sealed class NumberedLayers : nn.Module
{
    public NumberedLayers(params (int Number, nn.Module Layer)[] layers)
        : base(nameof(NumberedLayers))
    {
        foreach (var (number, layer) in layers)
            register_module(number.ToString(), layer);
        Layers = [.. layers.Select(entry => entry.Layer)];
    }

    public IReadOnlyList<nn.Module> Layers { get; }
}
