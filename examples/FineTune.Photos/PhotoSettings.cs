using MlNet.ImageClassification;

namespace FineTunePhotos;

/// <summary>What the user chose by <see cref="PhotoOptions"/>, with the defaults that depend on something else.</summary>
internal sealed record PhotoSettings
{
    public const string ImageNet = "imagenet";
    public const string NoWeights = "none";

    public required string Data { get; init; }
    public string? Test { get; init; }
    public string? ImageFolder { get; init; }
    public required string Architecture { get; init; }
    public required string Stem { get; init; }
    public required string Weights { get; init; }
    public string? RecipeName { get; init; }
    public string? OptimizerName { get; init; }
    public required string Loss { get; init; }
    public int? Epochs { get; init; }
    public int? BatchSize { get; init; }
    public double? LearningRate { get; init; }
    public bool BalanceClasses { get; init; }
    public int ImageSize { get; init; }
    public ImageInterpolation Interpolation { get; init; }
    public required string Normalization { get; init; }
    public int? MemoryMegabytes { get; init; }
    public ComputePrecision Precision { get; init; }
    public ComputeDevice Device { get; init; }
    public int Seed { get; init; }
    public required DirectoryInfo Output { get; init; }
    public DirectoryInfo? Workspace { get; init; }
    public string? TensorBoard { get; init; }
    public DirectoryInfo? Explain { get; init; }
    public required string[] Files { get; init; }

    public bool UsesGpu => TorchSharp.torch.cuda.is_available() && !Device.Equals(ComputeDevice.Cpu);

    public string Recipe => RecipeName ?? (Weights == NoWeights ? Recipes.Scratch : Recipes.FineTune);

    public string ModelPath => Path.Combine(Output.FullName, "model.zip");

    /// <summary>A folder of its own, as it is deleted when the model is saved.</summary>
    public string CheckpointFolder => Path.Combine((Workspace ?? Output).FullName, "checkpoint");
}
