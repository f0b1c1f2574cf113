using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Adds checkpoints to <c>mlContext.Model</c>.</summary>
public static class CheckpointCatalog
{
    /// <summary>Makes a model of a checkpoint, of a training that still runs too.</summary>
    /// <param name="catalog">The catalog; its context receives the log.</param>
    /// <param name="path">
    /// The file of a checkpoint, or a <see cref="ImageClassificationOptions.WorkspacePath"/>, whose newest whole one is taken.
    /// </param>
    /// <param name="epoch">
    /// Which weights: of the epoch that is the best so far, or those after the last step, averaged where the recipe says so.
    /// </param>
    /// <returns>The trained part of the pipeline, with its classes and columns; dispose it to free the network.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or no checkpoint in the folder.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or of another version of the library.</exception>
    /// <exception cref="InvalidOperationException">No epoch has ended, so that none is the best.</exception>
    public static ImageClassificationTransformer LoadCheckpoint(this ModelOperationsCatalog catalog, string path, KeptEpoch epoch = KeptEpoch.Best)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OptionRule.RequireDefined(epoch, nameof(epoch));
        var environment = CatalogEnvironment.Of(catalog);
        var checkpoint = Directory.Exists(path) ? Newest(path, environment) : CheckpointStore.Read(path);
        var weights = epoch == KeptEpoch.Best ? Best(checkpoint, path) : Last(checkpoint);
        var target = ModelFiles.TargetOf(checkpoint.Model, environment);
        return new ImageClassificationTransformer(checkpoint.Model, weights, target, environment, checkpoint.Model.BuildNetwork(weights));
    }

    private static Checkpoint Newest(string folder, IHostEnvironment environment)
    {
        using var log = new TrainingLog(environment);
        return CheckpointStore.Newest(folder, log)?.Checkpoint
            ?? throw new FileNotFoundException($"'{folder}' has no checkpoint; is it the {nameof(ImageClassificationOptions.WorkspacePath)} of a training?");
    }

    private static NetworkWeights Best(Checkpoint checkpoint, string path)
    {
        var best = new BestWeights();
        checkpoint.Restore(best);
        return best.Weights ?? throw new InvalidOperationException(
            $"The checkpoint in '{path}' is of a training whose first epoch has not ended, so that none is the best; ask for {KeptEpoch.Last}.");
    }

    private static NetworkWeights Last(Checkpoint checkpoint) =>
        WeightAverage.Read(checkpoint) ?? checkpoint.Weights;
}
