using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Normalizes each color channel of a column of images: (value - mean) / deviation.</summary>
public sealed class NormalizeChannelsTransformer : ITransformer
{
    internal NormalizeChannelsTransformer(string outputColumnName, string inputColumnName, ChannelNormalization normalization) =>
        (OutputColumnName, InputColumnName, Normalization) = (outputColumnName, inputColumnName, normalization);

    /// <summary>The column it makes.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column it reads.</summary>
    public string InputColumnName { get; }

    internal ChannelNormalization Normalization { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column of images, or it has other channels.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no such column of images, or it has other channels.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ColumnAddingView(input, Bind(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => NormalizeChannelsFiles.Save(ctx, this);

    internal void Write(BinaryWriter writer)
    {
        writer.Write(OutputColumnName);
        writer.Write(InputColumnName);
        Normalization.Write(writer);
    }

    internal static NormalizeChannelsTransformer Read(BinaryReader reader) =>
        new(reader.ReadString(), reader.ReadString(), ChannelNormalization.Read(reader));

    private Mapper Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var source = schema.Required(InputColumnName, "images");
        var layout = ImageLayout.Infer(source.Name, source.Type);
        if (layout.Shape.Channels != Normalization.Mean.Count)
            throw new InvalidOperationException(
                $"Column '{source.Name}' is {ImageLayout.Describe(source.Type)} with {layout.Shape.Channels} channels, but the " +
                $"normalization has {Normalization.Mean.Count}.");

        var shape = layout.Shape;
        var output = new DataViewSchema.Builder();
        output.AddColumns(schema);
        output.AddColumn(OutputColumnName, layout.Interleaved
            ? new VectorDataViewType(NumberDataViewType.Single, shape.Height, shape.Width, shape.Channels)
            : new VectorDataViewType(NumberDataViewType.Single, shape.Channels, shape.Height, shape.Width));
        return new Mapper(schema, output.ToSchema(), source, layout, Normalization);
    }

    private sealed class Mapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column source, ImageLayout layout,
        ChannelNormalization normalization) : ColumnAddingMapper(input, output, source)
    {
        public override Delegate[] CreateGetters(DataViewRow input, out Action? disposer)
        {
            disposer = null;
            var reader = PixelReader.Create(input, Source, layout);
            ValueGetter<VBuffer<float>> getter = (ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, layout.Size);
                Read(reader, editor.Values, input.Position, "normalized");
                Normalize(editor.Values);
                value = editor.Commit();
            };
            return [getter];
        }

        public override bool CanWriteOnnx => true;

        public override void WriteOnnx(OnnxGraph graph, string input, IReadOnlyList<string> outputs) =>
            graph.FromImages(graph.Normalize(graph.Images(input, layout, reshape: true), normalization), layout, outputs[0]);

        private void Normalize(Span<float> pixels)
        {
            int channels = layout.Shape.Channels;
            for (int channel = 0; channel < channels; channel++)
            {
                float mean = normalization.Mean[channel];
                float scale = 1 / normalization.Deviation[channel];
                if (layout.Interleaved)
                {
                    for (int i = channel; i < pixels.Length; i += channels)
                        pixels[i] = (pixels[i] - mean) * scale;
                }
                else
                {
                    int plane = pixels.Length / channels;
                    var values = pixels.Slice(channel * plane, plane);
                    TensorPrimitives.Subtract(values, mean, values);
                    TensorPrimitives.Multiply(values, scale, values);
                }
            }
        }
    }
}
