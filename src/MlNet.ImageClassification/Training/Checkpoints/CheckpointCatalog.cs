using Microsoft.ML;

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
        LibTorch.Load();
        using var log = new TrainingLog(environment);
        var checkpoint = Directory.Exists(path) ? Newest(path, log) : Read(path);
        var weights = epoch == KeptEpoch.Best ? Best(checkpoint, path) : Last(checkpoint);
        var target = ComputeTarget.ResolveToScore(GpuChoice.Apply(ComputeDevice.Auto, environment, log), checkpoint.Model.Precision, log);
        return new ImageClassificationTransformer(checkpoint.Model, weights, target, environment, checkpoint.Model.BuildNetwork(weights));
    }

    private static Checkpoint Newest(string folder, TrainingLog log)
    {
        Exception? damage = null;
        foreach (var (number, file) in CheckpointStore.Files(folder).Reverse())
        {
            try
            {
                return Read(file);
            }
            catch (InvalidDataException e)
            {
                log.Warning($"{e.Message} The one before is taken.");
                damage ??= e;
            }
            catch (FileNotFoundException) when (CheckpointStore.Files(folder).Any(found => found.Number > number))
            {
                // The training that runs has written another one meanwhile and deleted this.
                return Newest(folder, log);
            }
        }
        throw damage ?? new FileNotFoundException($"'{folder}' has no checkpoint; is it the {nameof(ImageClassificationOptions.WorkspacePath)} of a training?");
    }

    private static Checkpoint Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no checkpoint '{path}'.", path);
        // The training may delete it meanwhile.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            return Checkpoint.Read(file);
        }
        catch (Exception e) when (CheckpointStore.IsOfDamage(e))
        {
            throw new InvalidDataException($"The checkpoint '{path}' cannot be used: {e.Message}", e);
        }
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
