using MlNet.ImageClassification;
using MlNet.ShuffleNet;

namespace ShuffleNetOnCifar10;

/// <summary>A recipe of training with its numbers.</summary>
/// <param name="LearningRate">The peak, after the warm-up.</param>
/// <param name="Recipe">For images of 32 pixels; larger ones get more crop padding in proportion.</param>
internal sealed record Preset(string Name, ShuffleNetStem Stem, int Epochs, int BatchSize, double LearningRate, TrainingRecipe Recipe)
{
    private const int RecipeImageSize = 32;

    /// <summary>For a CPU: the work of six epochs at the full size.</summary>
    private static readonly Preset Fast = new("fast", ShuffleNetStem.Strided, Epochs: 9, BatchSize: 128, LearningRate: 0.15, TrainingRecipe.Fast);

    /// <summary>For a GPU: as accurate as the network gets.</summary>
    private static readonly Preset Full = new("full", ShuffleNetStem.Cifar, Epochs: 200, BatchSize: 128, LearningRate: 0.1, new TrainingRecipe
    {
        Augmentation = new AugmentationOptions { CropPadding = 4 },
    });

    public static readonly Preset[] All = [Fast, Full];

    public static Preset Find(string? name, bool gpu) =>
        name is null ? (gpu ? Full : Fast) : All.Single(preset => preset.Name == name);

    /// <summary>The recipe for images of a size.</summary>
    public TrainingRecipe RecipeFor(int imageSize)
    {
        var augmentation = Recipe.Augmentation;
        return Recipe with { Augmentation = augmentation with { CropPadding = augmentation.CropPadding * imageSize / RecipeImageSize } };
    }
}
