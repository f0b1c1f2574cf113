using MlNet.ImageClassification;
using MlNet.ShuffleNet;

[assembly: NetworkFamily(typeof(ShuffleNetFamily))]

namespace MlNet.ShuffleNet;

/// <summary>
/// ShuffleNetV1 (Zhang et al., ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices). The state
/// dictionary has the names of the authors' code, and a bias of the classifier besides.
/// </summary>
internal sealed class ShuffleNetFamily : NetworkFamily
{
    /// <inheritdoc/>
    public override string Name => "ShuffleNetV1";

    /// <summary>Builds a network. Its weights are zero until it is initialized or given those of another.</summary>
    /// <param name="architecture">
    /// <c>shufflenetv1</c>; then, as wanted, the groups <c>g1</c>, <c>g2</c>, <c>g3</c> (default), <c>g4</c> or <c>g8</c>; the
    /// width <c>0.25x</c>, <c>0.5x</c>, <c>1x</c> (default), <c>1.5x</c> or <c>2x</c>; <c>stem=auto</c> (default),
    /// <c>stem=imagenet</c>, <c>stem=strided</c> or <c>stem=cifar</c>; <c>shuffle=paper</c> (default) or <c>shuffle=authors</c>.
    /// </param>
    /// <param name="input">The size of the images: at least 8 pixels with the Cifar stem, 16 with Strided, 32 with ImageNet.</param>
    /// <param name="classCount">The number of classes, at least two.</param>
    /// <exception cref="ArgumentException">No such architecture, images too small for the stem, or too few classes.</exception>
    public override ClassificationNetwork Create(string architecture, ImageShape input, int classCount) =>
        new ShuffleNetwork(this, ShuffleNetArchitecture.Parse(architecture).For(input), input, classCount);
}
