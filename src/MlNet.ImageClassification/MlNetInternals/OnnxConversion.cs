using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

// ConvertToOnnx walks from the view that a pipeline's Transform returns to the data at its root, and has each view on its way
// write itself.
internal abstract partial class MappedView : ITransformCanSaveOnnx
{
    private bool _isRoot;

    // Where something before cannot be exported, as nothing can that makes images, the graph begins at the column that this view reads.
    IDataView IDataTransform.Source => _isRoot ? new ColumnRoot(Mapper.Source) : Input;

    bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx)
    {
        _isRoot = Mapper.Source.Type is ImageDataViewType || !CanSave(Input, ctx);
        return Mapper.CanWriteOnnx;
    }

    void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx)
    {
        var added = Schema.Where(column => Mapper.IsAdded(column.Index)).ToArray();
        if (!ctx.ContainsColumn(Mapper.Source.Name))
        {
            foreach (var column in added)
                ctx.RemoveColumn(column.Name, false);
            return;
        }
        var input = ctx.GetVariableName(Mapper.Source.Name);
        Mapper.WriteOnnx(new MlNetGraph(ctx), input, Array.ConvertAll(added, column => ctx.AddIntermediateVariable(column.Type, column.Name)));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException("A data view is not saved; save the model that made it by mlContext.Model.Save.");

    // A view of ours that can be exported sees to what is before it. ONNX has no images.
    private static bool CanSave(IDataView view, OnnxContext ctx)
    {
        for (; view is IDataTransform transform; view = transform.Source)
        {
            if (transform is not ITransformCanSaveOnnx convertible || !convertible.CanSaveOnnx(ctx))
                return false;
            if (transform is MappedView)
                return true;
        }
        return !view.Schema.Any(column => column.Type is ImageDataViewType);
    }

    /// <summary>
    /// A column as the data a conversion begins with, which looks at its name and type only. An image is the bytes of its pixels.
    /// </summary>
    private sealed class ColumnRoot : IDataView
    {
        public ColumnRoot(DataViewSchema.Column column)
        {
            var schema = new DataViewSchema.Builder();
            schema.AddColumn(
                column.Name,
                column.Type is ImageDataViewType image ? new VectorDataViewType(NumberDataViewType.Byte, image.Height, image.Width, 3) : column.Type,
                column.Annotations);
            Schema = schema.ToSchema();
        }

        public bool CanShuffle => false;

        public DataViewSchema Schema { get; }

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new NotSupportedException("The root of an ONNX conversion has no rows.");

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    /// <summary>The graph that ML.NET's conversion builds.</summary>
    private sealed class MlNetGraph(OnnxContext context) : OnnxGraph
    {
        private const int OldestOpset = 9;

        protected override string AddNode(
            string type, IReadOnlyList<string> inputs, string? output, IEnumerable<(string Name, object Value)> attributes)
        {
            context.CheckOpSetVersion(OldestOpset, "MlNet.ImageClassification");
            output ??= context.AddIntermediateVariable(null, type, skip: true);
            var node = context.CreateNode(type, inputs, [output], context.GetNodeName(type), "");
            foreach (var (name, value) in attributes)
            {
                if (value is long[] several)
                    node.AddAttribute(name, several);
                else
                    node.AddAttribute(name, (long)value);
            }
            return output;
        }

        protected override string AddConstant(string name, float[] values, long[] shape) => context.AddInitializer(values, shape, name);

        protected override string AddConstant(string name, long[] values) => context.AddInitializer(values, [values.Length], name);
    }
}
