using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>A network with published weights that was not trained further.</summary>
internal sealed class PublishedNetwork(PretrainedWeights weights, FeaturizeImagesOptions options)
{
    // A network has a classifier, which featurizing never asks.
    private const int LeastClasses = 2;

    /// <summary>Makes the transformer that gives a column's images its features.</summary>
    /// <exception cref="InvalidOperationException">The column holds no images of one size.</exception>
    /// <exception cref="ArgumentException">The network cannot take such images.</exception>
    public FeaturizeImagesTransformer Featurizer(IHostEnvironment environment, DataViewSchema.Column column, string outputColumnName)
    {
        LibTorch.Load();
        using var log = new TrainingLog(environment);
        var layout = ImageLayout.Infer(column.Name, column.Type);
        var target = ComputeTarget.Resolve(GpuChoice.Apply(options.Device, environment, log), options.Precision);
        var normalization = NormalizationFor(layout, log, column.Name);
        using var network = weights.Family.Create(weights.Architecture, layout.Shape, LeastClasses);
        using (var file = weights.Open(log, CancellationToken.None))
            log.Info($"Featurizing with the weights in '{weights.Name}' ({InitialWeights.Read(file, network).Identity}) on {target}.");
        var definition = new ModelDefinition(
            network.Family.AssemblyName, network.Family.Name, network.Architecture, layout, normalization, LeastClasses, KeyNames.None,
            column.Name, "Score", "PredictedLabel", options.Precision, LabelColumnName: null, options.BadImages);
        return new FeaturizeImagesTransformer(outputColumnName, definition, NetworkWeights.Of(network), target, environment);
    }

    private ChannelNormalization NormalizationFor(ImageLayout layout, TrainingLog log, string column)
    {
        if ((options.Normalization ?? (layout.IsBytes ? weights.Normalization : null)) is not { } normalization)
        {
            log.Info(
                $"Column '{column}' holds floats, which are taken as they are. The weights expect pixels of 0 to 255 normalized by " +
                $"{weights.Normalization}: do it in the pipeline, or set {nameof(options.Normalization)}.");
            return ChannelNormalization.None;
        }
        if (normalization != ChannelNormalization.None && normalization.Mean.Count != layout.Shape.Channels)
            throw new InvalidOperationException(
                $"{nameof(options.Normalization)} has {normalization.Mean.Count} channels, but the images in column '{column}' have " +
                $"{layout.Shape.Channels}.");
        return normalization;
    }
}
