using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Reads images and makes them all of one size; see <see cref="LoadImageFilesCatalog"/>.</summary>
/// <remarks>It can be used from several threads, and is saved and loaded by <c>mlContext.Model</c>.</remarks>
public sealed class LoadImageFilesTransformer : ITransformer
{
    internal const string Role = "images";

    // With fewer rows, [height, width, 3] reads as [channels, height, width].
    private const int SmallestHeight = 5;

    private readonly IHostEnvironment _environment;
    private readonly LoadImageFilesOptions _options;
    private readonly int _width;
    private readonly int _height;

    internal LoadImageFilesTransformer(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, int width, int height, LoadImageFilesOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        if (width < 1)
            throw new ArgumentOutOfRangeException("imageWidth", $"The image width is {width}; it must be at least 1 pixel.");
        if (height < SmallestHeight)
            throw new ArgumentOutOfRangeException(
                "imageHeight",
                $"The image height is {height}; it must be at least {SmallestHeight} pixels, as fewer rows would be taken for channels.");
        if (3L * width * height > Array.MaxLength)
            throw new ArgumentOutOfRangeException(
                "imageWidth", $"Images of {width} x {height} pixels are larger than a vector can be; use a smaller size.");
        options.Validate();
        (_environment, _options, _width, _height) = (environment, options, width, height);
        (OutputColumnName, InputColumnName) = (outputColumnName, inputColumnName);
        OutputType = new VectorDataViewType(
            options.OutputAsFloats ? NumberDataViewType.Single : NumberDataViewType.Byte, height, width, 3);
    }

    /// <summary>The column it makes.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column it reads.</summary>
    public string InputColumnName { get; }

    /// <summary>The width of the images it makes, in pixels.</summary>
    public int ImageWidth => _width;

    /// <summary>The height of the images it makes, in pixels.</summary>
    public int ImageHeight => _height;

    /// <summary>A copy of what it was told, for a reading in the same way from another column: of uploads instead of files, say.</summary>
    public LoadImageFilesOptions Options => _options.Copy();

    bool ITransformer.IsRowToRowMapper => true;

    internal VectorDataViewType OutputType { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column, or it is of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <summary>Adds the images, read as the rows are.</summary>
    /// <param name="input">Rows with the input column.</param>
    /// <exception cref="InvalidOperationException">There is no such column, or it is of another type.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ColumnAddingView(input, Bind(input.Schema), _environment);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => LoadImageFilesFiles.Save(ctx, this);

    internal static InvalidOperationException Refused(string columnName, string type) => new(
        $"Column '{columnName}' is {type}; expected paths of image files (text), image files (a vector of Byte) or images.");

    internal void Write(BinaryWriter writer)
    {
        writer.Write(OutputColumnName);
        writer.Write(InputColumnName);
        writer.Write(_width);
        writer.Write(_height);
        _options.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A figure breaks its rule.</exception>
    internal static LoadImageFilesTransformer Read(IHostEnvironment environment, BinaryReader reader)
    {
        try
        {
            return new LoadImageFilesTransformer(
                environment, reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(),
                LoadImageFilesOptions.Read(reader));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private Mapper Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var source = schema.Required(InputColumnName, Role);
        if (!ImageSource.CanRead(source.Type))
            throw Refused(source.Name, ImageLayout.Describe(source.Type));
        var output = new DataViewSchema.Builder();
        output.AddColumns(schema);
        output.AddColumn(OutputColumnName, OutputType);
        return new Mapper(schema, output.ToSchema(), source, this);
    }

    private sealed class Mapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column source, LoadImageFilesTransformer transformer)
        : ColumnAddingMapper(input, output, source)
    {
        public override Delegate[] CreateGetters(DataViewRow input, out Action? disposer)
        {
            var row = new ImageRow(input, Source, transformer);
            disposer = row.Report;
            if (!transformer._options.OutputAsFloats)
                return [(ValueGetter<VBuffer<byte>>)row.Get];
            return [(ValueGetter<VBuffer<float>>)row.Get];
        }
    }

    /// <summary>The image of a row, drawn once however often it is asked for.</summary>
    private sealed class ImageRow(DataViewRow input, DataViewSchema.Column column, LoadImageFilesTransformer transformer)
    {
        private readonly byte[] _pixels = new byte[transformer.OutputType.Size];
        private readonly ImageSource _source = ImageSource.Create(
            input, column, new ImageCanvas(transformer._width, transformer._height, transformer._options),
            transformer._options.ImageFolder);
        private readonly SkippedImages _skipped = new(
            transformer._environment, $"an empty vector in column '{transformer.OutputColumnName}'");
        private long _drawn = -1;
        private bool _isBad;

        public void Get(ref VBuffer<byte> value)
        {
            var pixels = Draw();
            var editor = VBufferEditor.Create(ref value, pixels.Length);
            pixels.CopyTo(editor.Values);
            value = editor.Commit();
        }

        public void Get(ref VBuffer<float> value)
        {
            var pixels = Draw();
            var editor = VBufferEditor.Create(ref value, pixels.Length);
            for (int i = 0; i < pixels.Length; i++)
                editor.Values[i] = pixels[i];
            value = editor.Commit();
        }

        /// <summary>Warns of the images that were left empty.</summary>
        public void Report() => _skipped.Report();

        private ReadOnlySpan<byte> Draw()
        {
            if (_drawn != input.Position)
            {
                _drawn = -1;
                _isBad = !TryDraw();
                _drawn = input.Position;
            }
            return _isBad ? [] : _pixels;
        }

        private bool TryDraw()
        {
            try
            {
                _source.Draw(_pixels);
                return true;
            }
            catch (InvalidDataException e)
            {
                string reason = $"{_source.Name} cannot be used: {e.Message}.";
                if (transformer._options.BadImages == BadImagePolicy.Fail)
                    throw new InvalidDataException(
                        $"{reason} Repair or remove it, or set {nameof(LoadImageFilesOptions.BadImages)} to " +
                        $"{nameof(BadImagePolicy.Skip)}.", e);
                _skipped.Add(reason);
                return false;
            }
        }
    }
}
