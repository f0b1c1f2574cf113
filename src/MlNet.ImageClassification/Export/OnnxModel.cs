using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Describes a whole model to a graph: what the <see cref="Scorer"/> computes, in float32.</summary>
internal static class OnnxModel
{
    /// <summary>From images to probabilities.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="definition">What the model is.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="images">[N, channels, height, width], float32, not normalized by the model yet.</param>
    /// <param name="output">The name of the probabilities, [N, classes].</param>
    /// <exception cref="InvalidOperationException">The weights take more than an ONNX file can hold.</exception>
    public static void WriteScores(OnnxGraph graph, ModelDefinition definition, NetworkWeights weights, string images, string output)
    {
        images = graph.Normalize(images, definition.Normalization);
        Describe(definition, weights, network =>
        {
            if (definition.TestTimeAugmentation == TestTimeAugmentation.None)
            {
                graph.Softmax(graph.Logits(network, images), output);
                return;
            }
            // One network scores the views as one batch.
            string[] views = [.. definition.TestTimeAugmentation.Views(graph, images, definition.Layout.Shape)];
            var scores = graph.Softmax(graph.Logits(network, graph.JoinBatches(views)));
            graph.MeanOfBatches(scores, views.Length, definition.ClassCount, output);
        });
    }

    /// <summary>From images to features.</summary>
    /// <inheritdoc cref="WriteScores" path="/param"/>
    /// <inheritdoc cref="WriteScores" path="/exception"/>
    public static void WriteFeatures(OnnxGraph graph, ModelDefinition definition, NetworkWeights weights, string images, string output) =>
        Describe(definition, weights, network =>
            graph.GlobalAverage(network.WriteFeatureMapsTo(graph, graph.Normalize(images, definition.Normalization)), output));

    private static void Describe(ModelDefinition definition, NetworkWeights weights, Action<ClassificationNetwork> write)
    {
        LibTorch.Load();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = definition.BuildNetwork(weights);
        write(network);
    }
}
