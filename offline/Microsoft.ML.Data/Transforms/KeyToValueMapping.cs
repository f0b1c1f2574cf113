using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(KeyToValueMappingTransformer), null, typeof(SignatureLoadModel),
    "Key To Value Transform", KeyToValueMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator(IHostEnvironment env, string outputColumnName, string inputColumnName)
        : base(env.Register(nameof(KeyToValueMappingEstimator)),
            new KeyToValueMappingTransformer(env, outputColumnName, inputColumnName ?? outputColumnName))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var (output, input) in Transformer.ColumnPairs)
        {
            if (!inputSchema.TryFindColumn(input, out var source))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", input);
            if (!source.IsKey)
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", input, "KeyType", source.GetTypeString());
            if (!source.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out var keyValues))
            {
                throw Host.ExceptParam(
                    nameof(inputSchema), $"Input column '{input}' doesn't contain key values metadata");
            }
            var annotations = source.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out var slotNames)
                ? new SchemaShape([slotNames])
                : null;
            columns[output] = new SchemaShape.Column(output, source.Kind, keyValues.ItemType, keyValues.IsKey, annotations);
        }
        return new SchemaShape(columns.Values);
    }
}

/// <summary>Replaces keys by the values their column is annotated with; the missing key by the missing value.</summary>
public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToValueTransform";

    internal KeyToValueMappingTransformer(IHostEnvironment env, string outputColumnName, string inputColumnName)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), (outputColumnName, inputColumnName))
    {
    }

    private KeyToValueMappingTransformer(IHost host, ModelLoadContext ctx)
        : base(host, ctx)
    {
    }

    private static KeyToValueMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        return new KeyToValueMappingTransformer(env.Register(nameof(KeyToValueMappingTransformer)), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        SaveColumns(ctx);
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private static VersionInfo Version() =>
        new("KEY2VALT", 0x00010001, 0x00010001, 0x00010001, typeof(KeyToValueMappingTransformer).Assembly.FullName, LoaderSignature);

    private sealed class Mapper : OneToOneMapperBase
    {
        private readonly KeyToValueMappingTransformer _parent;
        private readonly KeyValueMap[] _maps;

        public Mapper(KeyToValueMappingTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), parent, schema)
        {
            _parent = parent;
            _maps = [.. parent.ColumnPairs.Select((_, i) => MakeMap(schema[ColMapNewToOld[i]]))];
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            [.. _parent.ColumnPairs.Select((pair, i) =>
            {
                var input = InputSchema[ColMapNewToOld[i]];
                var annotations = new DataViewSchema.Annotations.Builder();
                annotations.Add(input.Annotations, kind => kind == AnnotationUtils.Kinds.SlotNames);
                return new DataViewSchema.DetachedColumn(pair.outputColumnName, _maps[i].OutputType, annotations.ToAnnotations());
            })];

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            return _maps[iinfo].MakeGetter(input);
        }

        private KeyValueMap MakeMap(DataViewSchema.Column column)
        {
            var valuesType = column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type as VectorDataViewType;
            Host.Check(valuesType != null, "Metadata KeyValues does not exist");
            var keyType = column.Type.GetItemType();
            Host.Check(
                valuesType.Size == keyType.GetKeyCountAsInt32(Host),
                "KeyValues metadata size does not match column type key count");
            return (KeyValueMap)Activator.CreateInstance(
                typeof(KeyValueMap<,>).MakeGenericType(keyType.RawType, valuesType.ItemType.RawType), column, valuesType.ItemType);
        }
    }

    private abstract class KeyValueMap
    {
        public DataViewType OutputType { get; protected init; }

        public abstract Delegate MakeGetter(DataViewRow input);
    }

    private sealed class KeyValueMap<TKey, TValue> : KeyValueMap
        where TKey : IBinaryInteger<TKey>
    {
        private readonly DataViewSchema.Column _column;
        private readonly TValue[] _values;
        private readonly TValue _missing;

        public KeyValueMap(DataViewSchema.Column column, PrimitiveDataViewType valueType)
        {
            _column = column;
            OutputType = column.Type is VectorDataViewType vector ? new VectorDataViewType(valueType, vector.Dimensions) : valueType;
            VBuffer<TValue> values = default;
            column.Annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref values);
            _values = [.. values.DenseValues()];
            _missing = typeof(TValue) == typeof(float) ? (TValue)(object)float.NaN
                : typeof(TValue) == typeof(double) ? (TValue)(object)double.NaN
                : default;
        }

        public override Delegate MakeGetter(DataViewRow input)
        {
            if (_column.Type is VectorDataViewType)
                return MakeVectorGetter(input.GetGetter<VBuffer<TKey>>(_column));
            var getter = input.GetGetter<TKey>(_column);
            var key = TKey.Zero;
            return new ValueGetter<TValue>((ref TValue value) =>
            {
                getter(ref key);
                value = ValueOf(key);
            });
        }

        private Delegate MakeVectorGetter(ValueGetter<VBuffer<TKey>> getter)
        {
            VBuffer<TKey> keys = default;
            return new ValueGetter<VBuffer<TValue>>((ref VBuffer<TValue> values) =>
            {
                getter(ref keys);
                var editor = VBufferEditor.Create(ref values, keys.Length);
                int slot = 0;
                foreach (var key in keys.DenseValues())
                    editor.Values[slot++] = ValueOf(key);
                values = editor.Commit();
            });
        }

        private TValue ValueOf(TKey key)
        {
            ulong number = ulong.CreateChecked(key);
            return number > 0 && number <= (ulong)_values.Length ? _values[number - 1] : _missing;
        }
    }
}
