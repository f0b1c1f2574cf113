using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Makes the transformer that gives images the features of a network; see <see cref="FeaturizeImagesCatalog"/>.</summary>
public sealed class FeaturizeImagesEstimator : IEstimator<FeaturizeImagesTransformer>
{
    private readonly string _inputColumnName;
    private readonly string _outputColumnName;
    private readonly Func<DataViewSchema.Column, FeaturizeImagesTransformer> _create;

    private FeaturizeImagesEstimator(
        string outputColumnName, string inputColumnName, Func<DataViewSchema.Column, FeaturizeImagesTransformer> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        (_outputColumnName, _inputColumnName, _create) = (outputColumnName, inputColumnName, create);
    }

    /// <summary>With the network of a model. Only its weights are kept, so that it may be disposed.</summary>
    internal static FeaturizeImagesEstimator OfTrained(
        IHostEnvironment environment, string outputColumnName, ImageClassificationTransformer model)
    {
        var (definition, weights, target) = (model.Definition, model.Weights, model.Target);
        return new FeaturizeImagesEstimator(
            outputColumnName, definition.FeatureColumnName, _ => new FeaturizeImagesTransformer(outputColumnName, definition, weights, target, environment));
    }

    /// <summary>With a network of published weights, for images as the column has them.</summary>
    internal static FeaturizeImagesEstimator OfPublished(
        IHostEnvironment environment, string outputColumnName, PretrainedWeights weights, string? inputColumnName,
        FeaturizeImagesOptions options)
    {
        ArgumentNullException.ThrowIfNull(weights);
        options.Validate();
        var network = new PublishedNetwork(weights, options.Copy());
        return new FeaturizeImagesEstimator(
            outputColumnName, inputColumnName ?? outputColumnName, column => network.Featurizer(environment, column, outputColumnName));
    }

    /// <summary>Checks the column of images and makes the network ready. No image is read.</summary>
    /// <param name="input">Rows with the column of images.</param>
    /// <returns>A transformer; dispose it to free the network.</returns>
    /// <exception cref="InvalidOperationException">There is no such column, or its images are not as the network takes them.</exception>
    /// <exception cref="InvalidDataException">The file of the weights is damaged or holds those of another network.</exception>
    /// <exception cref="HttpRequestException">The weights are not in the cache and cannot be downloaded.</exception>
    public FeaturizeImagesTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = _create(input.Schema.Required(_inputColumnName, "images"));
        try
        {
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column of images.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ImageLayout.Check(SchemaShapes.Find(inputSchema, _inputColumnName, "images"));
        var output = new DataViewSchema.Builder();
        output.AddColumn(_outputColumnName, new VectorDataViewType(NumberDataViewType.Single, 1));
        return SchemaShapes.Append(inputSchema, SchemaShapes.Of(output.ToSchema()));
    }
}
