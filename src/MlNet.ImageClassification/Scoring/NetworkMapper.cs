using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Adds columns that a network computes of a row's image. A PredictionEngine reads single rows through it.</summary>
/// <param name="input">The schema of the rows that come in.</param>
/// <param name="output">That schema with the added columns behind.</param>
/// <param name="features">The column of images.</param>
/// <param name="model">The model.</param>
/// <param name="scorer">Computes what the columns are made of.</param>
/// <param name="environment">Receives the log; null for none.</param>
internal abstract class NetworkMapper(
    DataViewSchema input, DataViewSchema output, DataViewSchema.Column features, ModelDefinition model, Scorer scorer,
    IHostEnvironment? environment) : ColumnAddingMapper(input, output, features)
{
    // Read for bad images only.
    private readonly DataViewSchema.Column? _path = ImagePathColumn.Find(input);

    /// <summary>The model.</summary>
    public ModelDefinition Model { get; } = model;

    /// <summary>How the images lie in the column.</summary>
    public ImageLayout Layout { get; } = model.Layout.Bind(features.Name, features.Type);

    /// <summary>Whether a row whose image cannot be used gets missing values rather than an exception.</summary>
    public bool SkipsBadImages { get; } = model.BadImages == BadImagePolicy.Skip;

    /// <summary>What a row with a bad image has, for the log.</summary>
    public string Missing => $"missing {Scorer.Output.What}";

    /// <summary>What would skip bad images, with an option to say so.</summary>
    protected virtual string Skipping => "a model trained with";

    /// <summary>Computes what the columns are made of.</summary>
    public Scorer Scorer { get; } = scorer;

    /// <summary>Receives the log; null for none.</summary>
    public IHostEnvironment? Environment { get; } = environment;

    /// <summary>Makes the getters (<see cref="ValueGetter{TValue}"/>) of the added columns, in their order.</summary>
    /// <param name="row">What the network gave for the current row.</param>
    public abstract Delegate[] Getters(IScoredRow row);

    public sealed override IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var depending = dependingColumns.ToArray();
        var needed = base.GetDependencies(depending);
        return _path is { } path && depending.Any(column => IsAdded(column.Index))
            ? needed.UnionBy([path], column => column.Index)
            : needed;
    }

    public sealed override Delegate[] CreateGetters(DataViewRow input, out Action? disposer)
    {
        disposer = null;
        return Getters(new SingleRow(this, input));
    }

    /// <summary>The image of a row.</summary>
    public RowImage ImageOf(DataViewRow input) => new(input, Source, Layout, _path);

    /// <summary>Reads the image of the input's current row.</summary>
    /// <param name="image">The reader of the image.</param>
    /// <param name="values">Room for its values, as a <see cref="ImageBatch"/> holds them.</param>
    /// <param name="row">The row's number, for the message.</param>
    /// <returns>Null, or where bad images are skipped why the row has none.</returns>
    /// <exception cref="InvalidOperationException">The row has no usable image, and the model was trained to fail then.</exception>
    public string? Read(RowImage image, Span<byte> values, long row)
    {
        if (image.TryRead(values) is not { } failure)
            return null;
        string file = image.Path() is { Length: > 0 } path ? $" ('{path}')" : "";
        string reason = $"The image in column '{Source.Name}' of row {row}{file} cannot be scored: {RowImage.Cause(failure)}.";
        if (SkipsBadImages)
            return reason;
        throw new InvalidOperationException(
            $"{reason} Repair or remove it; {Skipping} {nameof(ImageClassificationOptions.BadImages)} set to " +
            $"{nameof(BadImagePolicy.Skip)} gives such a row {Missing}.", failure);
    }

    /// <summary>The getter of a column of floats.</summary>
    /// <param name="row">The current row.</param>
    /// <param name="skip">How many of the row's values come before those of the column.</param>
    protected static ValueGetter<VBuffer<float>> VectorGetter(IScoredRow row, int skip = 0) => (ref VBuffer<float> value) =>
    {
        var current = row.Values[skip..];
        var editor = VBufferEditor.Create(ref value, current.Length);
        current.CopyTo(editor.Values);
        value = editor.Commit();
    };

    /// <summary>The current row of an input, scored alone and once, when it is asked for.</summary>
    private sealed class SingleRow(NetworkMapper mapper, DataViewRow input) : IScoredRow
    {
        private readonly RowImage _reader = mapper.ImageOf(input);
        private readonly byte[] _image = new byte[mapper.Layout.Bytes];
        private readonly float[] _values = new float[mapper.Scorer.Output.Size];
        private readonly SkippedImages _skipped = new(mapper.Environment, mapper.Missing);
        private long _scored = long.MinValue;

        public ReadOnlySpan<float> Values
        {
            get
            {
                Score();
                return _values;
            }
        }

        public ReadOnlySpan<byte> Image
        {
            get
            {
                Score();
                return _image;
            }
        }

        private void Score()
        {
            if (input.Position == _scored)
                return;
            _scored = long.MinValue;
            if (mapper.Read(_reader, _image, input.Position) is { } reason)
            {
                _values.AsSpan().Fill(float.NaN);
                _skipped.Add(reason);
                _skipped.Report();
            }
            else
            {
                mapper.Scorer.Score(_image, mapper.Layout, _values);
            }
            _scored = input.Position;
        }
    }
}

/// <summary>The image of a cursor's current row, and what a network gave for it.</summary>
internal interface IScoredRow
{
    /// <summary>What the network gave, as its <see cref="NetworkOutput"/> tells; NaN where the image could not be used.</summary>
    ReadOnlySpan<float> Values { get; }

    /// <summary>The image, as an <see cref="ImageBatch"/> holds it.</summary>
    ReadOnlySpan<byte> Image { get; }
}
