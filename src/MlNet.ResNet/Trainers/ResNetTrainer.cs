using Microsoft.ML;
using MlNet.ImageClassification;

namespace MlNet.ResNet;

/// <summary>Trains a ResNet, all its layers, on the images of a pipeline.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Features, in</term><description>Vector of Single or Byte with dimensions [channels, height, width] or [height,
/// width, channels], or images of one size.</description></item>
/// <item><term>Label, in</term><description>Key; the number of keys is the number of classes.</description></item>
/// <item><term>Score, out</term><description>Vector of Single: the probability of each class.</description></item>
/// <item><term>PredictedLabel, out</term><description>Key, with the values of the label's keys.</description></item>
/// </list>
/// </remarks>
public abstract class ResNetTrainer : ImageClassificationTrainer<ResNetOptions>
{
    private readonly ResNetArchitecture _architecture;

    private protected ResNetTrainer(int depth, ResNetOptions options, MLContext? mlContext)
        : base(options, mlContext)
    {
        _architecture = Architecture(depth);
    }

    private protected ResNetTrainer(int depth, ResNetOptions options, MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog)
        : base(options, catalog)
    {
        _architecture = Architecture(depth);
    }

    /// <inheritdoc/>
    protected sealed override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var network = new ResNetFamily().Create(_architecture.ToString(), input, classCount);
        network.Initialize(seed);
        return network;
    }

    private ResNetArchitecture Architecture(int depth) =>
        new(depth, TrainerOptions.Version, TrainerOptions.Stem, TrainerOptions.ZeroInitResidual);
}
