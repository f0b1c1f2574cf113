using MlNet.ImageClassification;

namespace FineTunePhotos;

/// <summary>How it is learned, by the names of the command line.</summary>
internal static class Recipes
{
    public const string FineTune = "finetune";
    public const string Scratch = "scratch";
    public const string Probe = "probe";

    public static readonly IReadOnlyDictionary<string, TrainingRecipe> Presets = new Dictionary<string, TrainingRecipe>
    {
        [FineTune] = TrainingRecipe.FineTune,
        [Scratch] = TrainingRecipe.FromScratch,
        [Probe] = TrainingRecipe.LinearProbe,
    };

    public static readonly IReadOnlyDictionary<string, Optimizer> Optimizers = new Dictionary<string, Optimizer>
    {
        ["sgd"] = new SgdOptimizer(),
        ["adam"] = new AdamOptimizer(),
        ["adamw"] = new AdamWOptimizer(),
        ["nadam"] = new NAdamOptimizer(),
        ["radam"] = new RAdamOptimizer(),
        ["rmsprop"] = new RmsPropOptimizer(),
        ["adagrad"] = new AdagradOptimizer(),
    };

    public static readonly IReadOnlyDictionary<string, LossFunction> Losses = new Dictionary<string, LossFunction>
    {
        ["softmax"] = LossFunction.SoftmaxCrossEntropy,
        ["sigmoid"] = LossFunction.SigmoidCrossEntropy,
    };

    /// <summary>The preset with what was chosen besides.</summary>
    /// <exception cref="ArgumentException">The preset needs weights, and there are none.</exception>
    public static TrainingRecipe Create(PhotoSettings settings)
    {
        if (settings.Weights == PhotoSettings.NoWeights && settings.Recipe != Scratch)
            throw new ArgumentException(
                $"--recipe is {settings.Recipe}, which keeps most of what the weights know, but --weights is {PhotoSettings.NoWeights}; use --recipe {Scratch}, or start from weights.");
        var recipe = Presets[settings.Recipe] with { Loss = Losses[settings.Loss] };
        // The rate of a preset is that of its optimizer.
        return settings.OptimizerName is { } name && Optimizers[name].GetType() != recipe.Optimizer.GetType()
            ? recipe with { Optimizer = Optimizers[name], LearningRate = null }
            : recipe;
    }

    public static int Epochs(PhotoSettings settings) => settings.Epochs ?? settings.Recipe switch
    {
        FineTune => 12,
        Probe => 30,
        _ => settings.UsesGpu ? 90 : 30,
    };
}
