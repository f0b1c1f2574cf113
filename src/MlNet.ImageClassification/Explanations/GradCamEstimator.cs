using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Makes the transformer that shows what a network sees; see <see cref="GradCamCatalog"/>. Nothing is learned.</summary>
public sealed class GradCamEstimator : IEstimator<GradCamTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _outputColumnName;
    private readonly ModelDefinition _definition;
    private readonly NetworkWeights _weights;
    private readonly ComputeTarget _target;
    private readonly GradCamOptions _options;

    internal GradCamEstimator(
        IHostEnvironment environment, string outputColumnName, ImageClassificationTransformer model, GradCamOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        options.Validate();
        options.ClassIndexIn(model.Definition);
        RequireNew(outputColumnName, nameof(outputColumnName), model.FeatureColumnName);
        if (options.HeatColumnName is { } heat)
        {
            RequireNew(heat, nameof(options.HeatColumnName), model.FeatureColumnName);
            RequireNew(heat, nameof(options.HeatColumnName), outputColumnName);
        }
        (_environment, _outputColumnName, _options) = (environment, outputColumnName, options.Copy());
        (_definition, _weights, _target) = (model.Definition, model.Weights, model.Target);
    }

    /// <summary>Checks the column of images. No image is read.</summary>
    /// <param name="input">Rows with the column of images.</param>
    /// <returns>A transformer; dispose it to free its network.</returns>
    /// <exception cref="InvalidOperationException">There is no such column, or its images are not as the network takes them.</exception>
    public GradCamTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new GradCamTransformer(_outputColumnName, _definition, _weights, _target, _options, _environment);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column of images.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ImageLayout.Check(SchemaShapes.Find(inputSchema, _definition.FeatureColumnName, "images"));
        var output = new DataViewSchema.Builder();
        GradCamTransformer.AddColumns(output, _outputColumnName, _options, _definition.Layout.Shape);
        return SchemaShapes.Append(inputSchema, SchemaShapes.Of(output.ToSchema()));
    }

    private static void RequireNew(string column, string option, string taken)
    {
        if (column == taken)
            throw new ArgumentException($"{option} is '{column}', which is the name of another column; give it one of its own.", option);
    }
}
