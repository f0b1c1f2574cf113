using Microsoft.ML;
using MlNet.ImageClassification;

namespace MlNet.ShuffleNet;

/// <summary>Trains a ShuffleNetV1, all its layers, on the images of a pipeline.</summary>
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
public sealed class ShuffleNetV1Trainer : ImageClassificationTrainer<ShuffleNetOptions>
{
    /// <summary>A trainer with the default options and no log.</summary>
    public ShuffleNetV1Trainer()
        : this(new ShuffleNetOptions())
    {
    }

    /// <summary>A trainer without a log.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ShuffleNetV1Trainer(ShuffleNetOptions options)
        : base(options, mlContext: null)
    {
    }

    /// <summary>A trainer that logs to a context.</summary>
    /// <param name="mlContext">Receives the log; its GPU is used where the options leave the device open.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ShuffleNetV1Trainer(MLContext mlContext, ShuffleNetOptions options)
        : base(options, mlContext)
    {
    }

    internal ShuffleNetV1Trainer(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ShuffleNetOptions options)
        : base(options, catalog)
    {
    }

    /// <inheritdoc/>
    protected override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var architecture = new ShuffleNetArchitecture(
            TrainerOptions.Groups, TrainerOptions.WidthMultiplier, TrainerOptions.Stem, TrainerOptions.ChannelShuffle);
        var network = new ShuffleNetFamily().Create(architecture.ToString(), input, classCount);
        network.Initialize(seed);
        return network;
    }
}
