using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>Adds the features of convolutional networks to <c>mlContext.Transforms</c>.</summary>
public static class FeaturizeImagesCatalog
{
    /// <summary>
    /// Gives each image the features that a trained network's classifier works on: the averages of its last feature maps. They are
    /// what any trainer of ML.NET can learn from. The images come from the column that the network was trained on.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to make: a vector of Single.</param>
    /// <param name="model">A trained network, or a pipeline with one such network in it, fitted or loaded. It is not needed further
    /// once the estimator is made.</param>
    /// <exception cref="ArgumentException">A name is empty, or the model has not one network of this library in it.</exception>
    public static FeaturizeImagesEstimator FeaturizeImages(
        this TransformsCatalog catalog, string outputColumnName, ITransformer model) =>
        FeaturizeImagesEstimator.OfTrained(CatalogEnvironment.Of(catalog), outputColumnName, TrainedNetwork.In(model));

    /// <summary>Gives each image the features that a published network computes; nothing is trained.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to make: a vector of Single.</param>
    /// <param name="weights">The weights; <c>Fit</c> downloads them where they are to be downloaded.</param>
    /// <param name="inputColumnName">The images: a vector of Single or Byte with the dimensions [channels, height, width] or [height,
    /// width, channels], or images of one size; null for the output's name.</param>
    /// <param name="options">What else it can be told; null for the defaults.</param>
    /// <exception cref="ArgumentException">A name is empty, or an option is unusable; the message says which and why.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.LoadImageFiles("Features", 224, 224, "ImagePath")
    ///     .Append(mlContext.Transforms.FeaturizeImages("Features", NuGetWeights.ResNet18ImageNet))
    ///     .AppendCacheCheckpoint(mlContext)
    ///     .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
    /// </code></example>
    public static FeaturizeImagesEstimator FeaturizeImages(
        this TransformsCatalog catalog, string outputColumnName, PretrainedWeights weights, string? inputColumnName = null,
        FeaturizeImagesOptions? options = null) =>
        FeaturizeImagesEstimator.OfPublished(
            CatalogEnvironment.Of(catalog), outputColumnName, weights, inputColumnName, options ?? new FeaturizeImagesOptions());
}
