using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ValueToKeyMappingTransformer), null, typeof(SignatureLoadModel),
    "Term Transform", ValueToKeyMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Replaces values by their keys; a value that was not learnt becomes the missing key, 0.</summary>
public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TermTransform";
    private const string VocabularyDirectory = "Vocabulary";

    private readonly TermMap _terms;
    private readonly bool _keyValuesAsText;

    internal ValueToKeyMappingTransformer(
        IHostEnvironment env, string outputColumnName, string inputColumnName, TermMap terms, bool keyValuesAsText)
        : base(env.Register("Term"), (outputColumnName, inputColumnName))
    {
        _terms = terms;
        _keyValuesAsText = keyValuesAsText;
    }

    private ValueToKeyMappingTransformer(IHost host, ModelLoadContext ctx)
        : base(host, ctx)
    {
        host.CheckDecode(ColumnPairs.Length == 1);
        _keyValuesAsText = ctx.Reader.ReadByte() != 0;

        string directory = Path.Combine(ctx.Directory ?? "", VocabularyDirectory);
        using var entry = ctx.Repository.OpenEntryOrNull(directory, ModelLoadContext.ModelStreamName)
            ?? throw host.ExceptDecode($"Missing {VocabularyDirectory} model");
        using var vocabulary = new ModelLoadContext(ctx.Repository, entry, directory);
        vocabulary.CheckAtModel(Vocabulary.Version());
        host.CheckDecode(vocabulary.Reader.ReadInt32() == 1);
        _terms = TermMap.Load(vocabulary);
    }

    internal static DataViewType CheckInput(IHost host, DataViewSchema schema, string inputColumnName)
    {
        var column = schema.GetColumnOrNull(inputColumnName)
            ?? throw host.ExceptSchemaMismatch("inputSchema", "input", inputColumnName);
        if (!TermMap.CanMap(column.Type.GetItemType()))
        {
            throw host.ExceptSchemaMismatch("inputSchema", "input", inputColumnName,
                "standard type or a vector of standard type", column.Type.ToString());
        }
        return column.Type;
    }

    private static ValueToKeyMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        return new ValueToKeyMappingTransformer(env.Register("Term"), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        SaveColumns(ctx);
        ctx.Writer.Write(_keyValuesAsText);
        ctx.SaveModel(new Vocabulary(_terms), VocabularyDirectory);
    }

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol) =>
        CheckInput(Host, inputSchema, ColumnPairs[col].inputColumnName);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private static VersionInfo Version() =>
        new("TERMTRNF", 0x00010003, 0x00010003, 0x00010003, typeof(ValueToKeyMappingTransformer).Assembly.FullName, LoaderSignature);

    /// <summary>The terms have a place of their own in a model file.</summary>
    private sealed class Vocabulary(TermMap terms) : ICanSaveModel
    {
        public static VersionInfo Version() =>
            new("TERM MAN", 0x00010002, 0x00010002, 0x00010002, typeof(ValueToKeyMappingTransformer).Assembly.FullName, "TermManager");

        public void Save(ModelSaveContext ctx)
        {
            ctx.SetVersionInfo(Version());
            ctx.Writer.Write(1);
            terms.Save(ctx);
        }
    }

    private sealed class Mapper : OneToOneMapperBase
    {
        private readonly ValueToKeyMappingTransformer _parent;
        private readonly DataViewSchema.Column _input;

        public Mapper(ValueToKeyMappingTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), parent, schema)
        {
            _parent = parent;
            _input = schema[ColMapNewToOld[0]];
            var itemType = _input.Type.GetItemType();
            if (!itemType.Equals(parent._terms.ItemType))
            {
                throw Host.Except(
                    $"Could not apply a map over type '{parent._terms.ItemType}' to column "
                    + $"'{parent.ColumnPairs[0].outputColumnName}' since it has type '{itemType}'");
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            _parent._terms.AddKeyValues(annotations, _input, _parent._keyValuesAsText);
            annotations.Add(_input.Annotations, kind => kind == AnnotationUtils.Kinds.SlotNames);
            var keyType = _parent._terms.KeyType;
            DataViewType type = _input.Type is VectorDataViewType vector
                ? new VectorDataViewType(keyType, vector.Dimensions)
                : keyType;
            return [new DataViewSchema.DetachedColumn(_parent.ColumnPairs[0].outputColumnName, type, annotations.ToAnnotations())];
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            return _parent._terms.MakeGetter(input, _input);
        }
    }
}
