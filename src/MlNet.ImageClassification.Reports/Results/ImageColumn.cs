using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Reports;

/// <summary>The images of rows, where the rows still have them, and the files they are from, where a column tells.</summary>
internal sealed class ImageColumn
{
    private readonly ModelDefinition _definition;
    private readonly DataViewSchema.Column? _features;
    private readonly DataViewSchema.Column? _path;
    private readonly ImageLayout _layout;

    public ImageColumn(DataViewSchema schema, ModelDefinition definition)
    {
        _definition = definition;
        _path = ImagePathColumn.Find(schema);
        if (schema.GetColumnOrNull(definition.FeatureColumnName) is not { } features)
            return;
        try
        {
            (_layout, _features) = (definition.Layout.Bind(features.Name, features.Type), features);
        }
        catch (InvalidOperationException)
        {
            // A later transform took the column's name for something else.
        }
    }

    public IEnumerable<DataViewSchema.Column> Columns => new[] { _features, _path }.OfType<DataViewSchema.Column>();

    public Reader Read(DataViewRow row) => new(
        _features is { } features ? PixelReader.Create(row, features, _layout) : null,
        _path is { } path ? row.GetGetter<ReadOnlyMemory<char>>(path) : null,
        _layout.Size);

    /// <summary>Shows images as the network sees them, augmented where wanted; null for those that are not there.</summary>
    public IReadOnlyList<Picture?> Pictures(IReadOnlyList<float[]?> images, Func<Tensor, Preprocessing, Tensor>? augment = null) => _features is null
        ? new Picture?[images.Count]
        : (IReadOnlyList<Picture?>)NetworkView.Of([.. images.Select(image => image!)], _layout, _definition.Normalization, augment);

    /// <summary>Reads a cursor's current row.</summary>
    internal sealed class Reader(PixelReader? pixels, ValueGetter<ReadOnlyMemory<char>>? path, int size)
    {
        /// <summary>The values of the image; null where the rows have none.</summary>
        /// <exception cref="InvalidDataException">The row holds no usable image.</exception>
        public float[]? Values()
        {
            if (pixels is null)
                return null;
            var values = new float[size];
            pixels.Read(values.AsSpan());
            return values;
        }

        public string? Path()
        {
            if (path is null)
                return null;
            ReadOnlyMemory<char> value = default;
            path(ref value);
            return value.ToString();
        }
    }
}
