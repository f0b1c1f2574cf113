using Microsoft.ML;

namespace MlNet.ImageClassification.Tests;

/// <summary>Trains a <see cref="TinyFamily"/> network through the engine's own trainer.</summary>
public sealed class TinyTrainer(ImageClassificationOptions options, MLContext? mlContext = null)
    : ImageClassificationTrainer<ImageClassificationOptions>(options, mlContext)
{
    protected override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed)
    {
        var network = new TinyFamily().Create("tiny8", input, classCount);
        network.Initialize(seed);
        return network;
    }
}
