using Microsoft.ML.Runtime;
using MulticlassTrainers = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace MlNet.ImageClassification.Tests;

/// <summary>Trains a <see cref="TinyFamily"/> network through the engine's own trainer.</summary>
public sealed class TinyTrainer(ImageClassificationOptions options, IHostEnvironment? environment = null)
    : ImageClassificationTrainer<ImageClassificationOptions>(options, environment)
{
    public TinyTrainer(ImageClassificationOptions options, MulticlassTrainers catalog)
        : this(options, EnvironmentOf(catalog))
    {
    }

    internal override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var network = new TinyFamily().Create("tiny8", input, classCount);
        network.Initialize(seed);
        return network;
    }
}
