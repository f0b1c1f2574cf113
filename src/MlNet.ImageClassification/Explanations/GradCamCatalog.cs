using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>Adds explanations of what a network sees to <c>mlContext.Transforms</c>.</summary>
public static class GradCamCatalog
{
    /// <summary>
    /// Shows where in each image a trained network sees a class, by default the one it predicts: Grad-CAM (Selvaraju et al. 2017), the
    /// last feature maps weighed by what they mean to the class, enlarged, in colors from blue to red over the image. The images come
    /// from the column that the network was trained on.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to make: images of the size the network takes.</param>
    /// <param name="model">A trained network, or a pipeline with one such network in it, fitted or loaded. It is not needed further
    /// once the estimator is made.</param>
    /// <param name="options">What else it can be told; null for the defaults.</param>
    /// <exception cref="ArgumentException">A name is empty, the model has not one network of this library in it, or an option is
    /// unusable; the message says which and why.</exception>
    /// <example><code>
    /// var photos = model.Transform(test);
    /// using var explainer = mlContext.Transforms.GradCam("Explanation", model).Fit(photos);
    /// explainer.SaveImages(photos, "explanations");
    /// </code></example>
    public static GradCamEstimator GradCam(
        this TransformsCatalog catalog, string outputColumnName, ITransformer model, GradCamOptions? options = null) =>
        new(CatalogEnvironment.Of(catalog), outputColumnName, TrainedNetwork.In(model), options ?? new GradCamOptions());
}
