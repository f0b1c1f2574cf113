using Microsoft.ML;
using MulticlassTrainers = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace MlNet.ImageClassification.Tests;

/// <summary>Trains a <see cref="TinyFamily"/> network through the engine's own trainer.</summary>
public sealed class TinyTrainer : ImageClassificationTrainer<ImageClassificationOptions>
{
    public TinyTrainer(ImageClassificationOptions options, MLContext? mlContext = null)
        : base(options, mlContext)
    {
    }

    public TinyTrainer(ImageClassificationOptions options, MulticlassTrainers catalog)
        : base(options, catalog)
    {
    }

    protected override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var network = new TinyFamily().Create("tiny8", input, classCount);
        network.Initialize(seed);
        return network;
    }
}
