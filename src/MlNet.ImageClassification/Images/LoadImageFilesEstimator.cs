using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>Reads images and makes them all of one size; see <see cref="LoadImageFilesCatalog"/>. Nothing is learned.</summary>
public sealed class LoadImageFilesEstimator : IEstimator<LoadImageFilesTransformer>
{
    private readonly LoadImageFilesTransformer _transformer;

    internal LoadImageFilesEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, int width, int height,
        LoadImageFilesOptions options) =>
        _transformer = new LoadImageFilesTransformer(environment, outputColumnName, inputColumnName, width, height, options.Copy());

    /// <summary>Checks that the column can hold or name images. No image is read.</summary>
    /// <param name="input">Rows with the input column.</param>
    /// <exception cref="InvalidOperationException">There is no such column, or it is of another type.</exception>
    public LoadImageFilesTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column, or it is of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var images = SchemaShapes.Find(inputSchema, _transformer.InputColumnName, LoadImageFilesTransformer.Role);
        bool isScalar = images.Kind == SchemaShape.Column.VectorKind.Scalar;
        bool canBeRead = isScalar
            ? images.ItemType is TextDataViewType or ImageDataViewType
            : images.ItemType == NumberDataViewType.Byte && !images.IsKey;
        if (!canBeRead)
            throw LoadImageFilesTransformer.Refused(images.Name, SchemaShapes.Describe(images));
        var output = new DataViewSchema.Builder();
        output.AddColumn(_transformer.OutputColumnName, _transformer.OutputType);
        return SchemaShapes.Append(inputSchema, SchemaShapes.Of(output.ToSchema()));
    }
}
