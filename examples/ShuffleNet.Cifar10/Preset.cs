using MlNet.ShuffleNet;

namespace ShuffleNetOnCifar10;

/// <summary>A recipe of training: SGD with Nesterov momentum, warm-up and cosine decay, crops and flips, in these numbers.</summary>
/// <param name="LearningRate">The peak, after the warm-up.</param>
/// <param name="CropPadding">In pixels of a 32-pixel image; larger images get more in proportion.</param>
/// <param name="InitialImageScale">Share of height and width that the training begins with: small images cost less.</param>
internal sealed record Preset(
    string Name, ShuffleNetStem Stem, int Epochs, int BatchSize, double LearningRate, double WeightDecay,
    double WarmupEpochs, double LabelSmoothing, int CropPadding, double InitialImageScale)
{
    /// <summary>For a CPU: the work of six epochs at the full size.</summary>
    private static readonly Preset Fast = new(
        "fast", ShuffleNetStem.Strided, Epochs: 9, BatchSize: 128, LearningRate: 0.15, WeightDecay: 5e-4,
        WarmupEpochs: 0.5, LabelSmoothing: 0.1, CropPadding: 2, InitialImageScale: 0.75);

    /// <summary>For a GPU: as accurate as the network gets.</summary>
    private static readonly Preset Full = new(
        "full", ShuffleNetStem.Cifar, Epochs: 200, BatchSize: 128, LearningRate: 0.1, WeightDecay: 5e-4,
        WarmupEpochs: 1, LabelSmoothing: 0.1, CropPadding: 4, InitialImageScale: 1);

    public static readonly Preset[] All = [Fast, Full];

    public static Preset Find(string? name, bool gpu) =>
        name is null ? (gpu ? Full : Fast) : All.Single(preset => preset.Name == name);
}
