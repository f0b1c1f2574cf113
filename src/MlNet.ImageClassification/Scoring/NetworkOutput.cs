using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What a network is asked for, as numbers.</summary>
/// <param name="Transformer">The transformer that asks, for messages.</param>
/// <param name="What">What the numbers are, in the plural, for messages: "scores".</param>
/// <param name="Size">How many numbers an image gets.</param>
/// <param name="Of">Computes them: from images, [N, channels, height, width], to [N, <paramref name="Size"/>], float32.</param>
internal sealed record NetworkOutput(Type Transformer, string What, int Size, Func<InferenceNetwork, Tensor, Tensor> Of);
