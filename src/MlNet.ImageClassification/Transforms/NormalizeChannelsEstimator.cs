using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Normalizes each color channel of a column of images; there is nothing to learn.</summary>
public sealed class NormalizeChannelsEstimator : IEstimator<NormalizeChannelsTransformer>
{
    private readonly NormalizeChannelsTransformer _transformer;

    /// <summary>Makes the estimator; <c>mlContext.Transforms.NormalizeChannels</c> does the same.</summary>
    /// <param name="outputColumnName">The column to make.</param>
    /// <param name="inputColumnName">The column of images; null for the output's name.</param>
    /// <param name="normalization">The mean and deviation of each channel.</param>
    /// <exception cref="ArgumentException">A name is empty, or the normalization is <see cref="ChannelNormalization.None"/>.</exception>
    public NormalizeChannelsEstimator(string outputColumnName, string? inputColumnName, ChannelNormalization normalization)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentNullException.ThrowIfNull(normalization);
        if (normalization == ChannelNormalization.None)
            throw new ArgumentException("The normalization is None, which changes nothing; leave the transform out.", nameof(normalization));
        _transformer = new NormalizeChannelsTransformer(outputColumnName, inputColumnName ?? outputColumnName, normalization);
    }

    /// <summary>Checks that the column can be normalized.</summary>
    /// <param name="input">Rows with the input column.</param>
    /// <exception cref="InvalidOperationException">There is no such column of images, or it has other channels.</exception>
    public NormalizeChannelsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column of images.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ImageLayout.Check(SchemaShapes.Find(inputSchema, _transformer.InputColumnName, "images"));
        var output = new DataViewSchema.Builder();
        output.AddColumn(_transformer.OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, 1));
        return SchemaShapes.Append(inputSchema, SchemaShapes.Of(output.ToSchema()));
    }
}
