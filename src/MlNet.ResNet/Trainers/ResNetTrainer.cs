using Microsoft.ML.Runtime;
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

    /// <summary>Checks and copies the options.</summary>
    /// <param name="depth">18, 34, 50, 101 or 152.</param>
    /// <param name="options">How to train; copied. Null for the defaults.</param>
    /// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open.
    /// Null for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    private protected ResNetTrainer(int depth, ResNetOptions? options, IHostEnvironment? mlContext)
        : base(options ?? new ResNetOptions(), mlContext) =>
        _architecture = Starting(
            new ResNetArchitecture(depth, TrainerOptions.Version, TrainerOptions.Stem, TrainerOptions.ZeroInitResidual),
            TrainerOptions.InitialWeights);

    /// <inheritdoc/>
    internal sealed override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var network = new ResNetFamily().Create(_architecture.ToString(), input, classCount);
        network.Initialize(seed);
        return network;
    }

    /// <summary>The network to train, as far as the weights it starts from decide it: its stem and its blocks.</summary>
    private static ResNetArchitecture Starting(ResNetArchitecture asked, PretrainedWeights? weights)
    {
        if (weights is null)
            return asked;
        var theirs = ResNetArchitecture.Parse(weights.Architecture);
        if (theirs.Depth != asked.Depth || (asked.HasBottlenecks && theirs.Version != asked.Version)
            || (asked.Stem != ResNetStem.Auto && theirs.Stem != asked.Stem))
            throw new ArgumentException(
                $"{nameof(ResNetOptions.InitialWeights)} is '{weights.Name}', weights of '{theirs}', but the network to train is '{asked}'. " +
                "Choose the trainer of that depth, and leave the stem and the version as they are by default.", nameof(weights));
        return asked with { Stem = theirs.Stem, OtherBlocks = theirs.OtherBlocks };
    }
}
