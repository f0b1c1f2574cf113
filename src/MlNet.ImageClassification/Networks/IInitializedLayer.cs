using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>A layer that can give itself fresh random weights.</summary>
internal interface IInitializedLayer
{
    /// <summary>Overwrites the layer's parameters and statistics.</summary>
    /// <param name="generator">Where random numbers come from; a CPU generator.</param>
    void Initialize(Generator generator);
}
