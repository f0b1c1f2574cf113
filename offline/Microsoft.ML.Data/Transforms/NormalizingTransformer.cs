using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(NormalizingTransformer), null, typeof(SignatureLoadModel),
    "Normalizer", NormalizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Shifts and scales each slot of a column; its dimensions and slot names stay.</summary>
public sealed class NormalizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "Normalizer";
    private const string FunctionDirectory = "Normalizer_000";

    private readonly DataViewType _type;
    private readonly SlotFunction _function;

    internal NormalizingTransformer(
        IHostEnvironment env, string outputColumnName, string inputColumnName, DataViewType type, SlotFunction function)
        : base(env.Register(nameof(NormalizingTransformer)), (outputColumnName, inputColumnName))
    {
        _type = type;
        _function = function;
    }

    private NormalizingTransformer(IHost host, ModelLoadContext ctx)
        : base(host, ctx)
    {
        host.CheckDecode(ColumnPairs.Length == 1);
        bool isVector = ctx.Reader.ReadBoolean();
        var kind = (DataKind)ctx.Reader.ReadByte();
        host.CheckDecode(kind is DataKind.Single or DataKind.Double);
        var itemType = ColumnTypeExtensions.PrimitiveTypeFromType(kind.ToType());
        _type = itemType;
        if (isVector)
        {
            var dimensions = new int[ctx.Reader.ReadInt32()];
            for (int i = 0; i < dimensions.Length; i++)
                dimensions[i] = ctx.Reader.ReadInt32();
            _type = new VectorDataViewType(itemType, dimensions);
        }
        _function = ctx.LoadModel<SlotFunction>(host, FunctionDirectory);
        host.CheckDecode(
            _function.SlotCount == _type.GetValueCount(),
            $"Normalizer expected {_function.SlotCount} slots, but the input data column has {_type.GetValueCount()} slots.");
    }

    private static NormalizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        return new NormalizingTransformer(env.Register(nameof(NormalizingTransformer)), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        SaveColumns(ctx);
        var vector = _type as VectorDataViewType;
        ctx.Writer.Write(vector != null);
        ctx.Writer.Write((byte)(_type.GetItemType() == NumberDataViewType.Single ? DataKind.Single : DataKind.Double));
        if (vector != null)
        {
            ctx.Writer.Write(vector.Dimensions.Length);
            foreach (int dimension in vector.Dimensions)
                ctx.Writer.Write(dimension);
        }
        ctx.SaveModel(_function, FunctionDirectory);
    }

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        var type = inputSchema[srcCol].Type;
        bool isVariable = type is VectorDataViewType { IsKnownSize: false };
        var itemType = type.GetItemType();
        if (isVariable || (itemType != NumberDataViewType.Single && itemType != NumberDataViewType.Double))
        {
            throw Host.ExceptSchemaMismatch(
                nameof(inputSchema), "input", ColumnPairs[col].inputColumnName, "scalar or known-size vector of Single",
                isVariable ? "variable-size vector" : type.ToString());
        }
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private static VersionInfo Version() =>
        new("NORMALZR", 0x00010002, 0x00010001, 0x00010002, typeof(NormalizingTransformer).Assembly.FullName, LoaderSignature);

    private sealed class Mapper(NormalizingTransformer parent, DataViewSchema schema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, schema)
    {
        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
            annotations.Add(InputSchema[ColMapNewToOld[0]].Annotations, kind => kind == AnnotationUtils.Kinds.SlotNames);
            return [new DataViewSchema.DetachedColumn(parent.ColumnPairs[0].outputColumnName, parent._type, annotations.ToAnnotations())];
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            return parent._function.MakeGetter(input, InputSchema[ColMapNewToOld[0]]);
        }
    }
}
