using Microsoft.ML;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ResNet.Pretrained;
using MlNet.ShuffleNet;

namespace FineTunePhotos;

/// <summary>What is trained, by the names of the command line.</summary>
internal static class Networks
{
    public const string ShuffleNet = "shufflenet";

    public static readonly string[] Names = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", ShuffleNet];

    public static readonly IReadOnlyDictionary<string, ChannelNormalization?> Normalizations = new Dictionary<string, ChannelNormalization?>
    {
        ["auto"] = null,
        ["imagenet"] = ChannelNormalization.ImageNet,
        // Caffe's means; the channels stay in the order red, green, blue, in which a network from random weights learns as well.
        ["caffe"] = new ChannelNormalization([.. ChannelNormalization.Caffe.Mean.Reverse()], ChannelNormalization.Caffe.Deviation),
        ["cifar10"] = ChannelNormalization.Cifar10,
        ["none"] = ChannelNormalization.None,
    };

    /// <summary>Makes the trainer.</summary>
    /// <param name="mlContext">Its context.</param>
    /// <param name="settings">Which one, and with which first layers.</param>
    /// <param name="apply">Tells it everything else.</param>
    /// <exception cref="ArgumentException">An option is unusable.</exception>
    public static IEstimator<ImageClassificationTransformer> Trainer(MLContext mlContext, PhotoSettings settings, Action<ImageClassificationOptions> apply)
    {
        var start = ModelFile.Read(settings.Weights);
        if (settings.Stem.Equals("Auto", StringComparison.OrdinalIgnoreCase) && start.Stem is { } stem)
            settings = settings with { Stem = stem };
        if (settings.Architecture == ShuffleNet)
        {
            var shuffleNet = new ShuffleNetOptions { Stem = Stem<ShuffleNetStem>(settings) };
            apply(shuffleNet);
            return new ShuffleNetV1Trainer(mlContext, shuffleNet);
        }
        var options = new ResNetOptions { Stem = Stem<ResNetStem>(settings), ZeroInitResidual = start.ZeroInitResidual };
        apply(options);
        return settings.Architecture switch
        {
            "resnet18" => new ResNet18Trainer(mlContext, options),
            "resnet34" => new ResNet34Trainer(mlContext, options),
            "resnet50" => new ResNet50Trainer(mlContext, options),
            "resnet101" => new ResNet101Trainer(mlContext, options),
            _ => new ResNet152Trainer(mlContext, options),
        };
    }

    /// <summary>The ImageNet weights of a network.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static PretrainedWeights ImageNetWeights(string architecture) => architecture switch
    {
        "resnet18" => NuGetWeights.ResNet18ImageNet,
        "resnet34" => TorchvisionWeights.ResNet34,
        "resnet50" => TorchvisionWeights.ResNet50,
        "resnet101" => TorchvisionWeights.ResNet101,
        "resnet152" => TorchvisionWeights.ResNet152,
        _ => throw new ArgumentException($"--weights is {PhotoSettings.ImageNet}, which {architecture} has not; use --weights {PhotoSettings.NoWeights}, or a file."),
    };

    private static T Stem<T>(PhotoSettings settings)
        where T : struct, Enum =>
        Enum.TryParse(settings.Stem, ignoreCase: true, out T stem) && Enum.IsDefined(stem)
            ? stem
            : throw new ArgumentException($"--stem is {settings.Stem}; for {settings.Architecture} it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
}
