using Microsoft.ML.Runtime;
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
/// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open. Null
/// for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
/// <param name="options">How to train; copied. Null for the defaults.</param>
/// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
public sealed class ShuffleNetV1Trainer(IHostEnvironment? mlContext = null, ShuffleNetOptions? options = null)
    : ImageClassificationTrainer<ShuffleNetOptions>(options ?? new ShuffleNetOptions(), mlContext)
{
    /// <summary>A trainer without a context: its log goes to <see cref="System.Diagnostics.Trace"/>.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ShuffleNetV1Trainer(ShuffleNetOptions options)
        : this(null, options)
    {
    }

    /// <inheritdoc/>
    internal override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var architecture = new ShuffleNetArchitecture(
            TrainerOptions.Groups, TrainerOptions.WidthMultiplier, TrainerOptions.Stem, TrainerOptions.ChannelShuffle);
        var network = new ShuffleNetFamily().Create(architecture.ToString(), input, classCount);
        network.Initialize(seed);
        return network;
    }
}
