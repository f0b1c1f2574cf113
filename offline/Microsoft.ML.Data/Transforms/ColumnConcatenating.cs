using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(ColumnConcatenatingTransformer), null, typeof(SignatureLoadModel),
    "Concat Transform", ColumnConcatenatingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms
{
    public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
    {
        private readonly IHost _host;
        private readonly string _output;
        private readonly string[] _inputs;

        internal ColumnConcatenatingEstimator(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
        {
            _host = env.Register(nameof(ColumnConcatenatingEstimator));
            _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
            _host.CheckValue(inputColumnNames, nameof(inputColumnNames));
            _host.CheckParam(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
            _host.CheckParam(
                !inputColumnNames.Any(string.IsNullOrEmpty), nameof(inputColumnNames), "Contained some null or empty items");
            _output = outputColumnName;
            _inputs = inputColumnNames;
        }

        public ColumnConcatenatingTransformer Fit(IDataView input)
        {
            _host.CheckValue(input, nameof(input));
            return new ColumnConcatenatingTransformer(_host, _output, _inputs);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            _host.CheckValue(inputSchema, nameof(inputSchema));
            var columns = inputSchema.ToDictionary(column => column.Name);
            columns[_output] = MakeColumn([.. _inputs.Select(name => FindInput(inputSchema, name))]);
            return new SchemaShape(columns.Values);
        }

        private SchemaShape.Column FindInput(SchemaShape schema, string name) =>
            schema.TryFindColumn(name, out var column)
                ? column
                : throw _host.ExceptSchemaMismatch("inputSchema", "input", name);

        private SchemaShape.Column MakeColumn(SchemaShape.Column[] inputs)
        {
            foreach (var input in inputs)
            {
                _host.Check(!input.IsKey, $"Column '{input.Name}' is key. Concatenation of keys is unsupported.");
                _host.Check(
                    input.ItemType.Equals(inputs[0].ItemType),
                    $"Concatenated columns should have the same type. Column '{input.Name}' has type of {input.ItemType}, "
                    + $"but expected column type is {inputs[0].ItemType}.");
            }

            var annotations = new List<SchemaShape.Column>();
            if (inputs.All(input => input.IsNormalized()))
            {
                annotations.Add(new SchemaShape.Column(
                    AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false));
            }
            if (inputs.Any(input => input.Kind == SchemaShape.Column.VectorKind.Scalar || input.HasSlotNames()))
            {
                annotations.Add(new SchemaShape.Column(
                    AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false));
            }
            var kind = inputs.Any(input => input.Kind == SchemaShape.Column.VectorKind.VariableVector)
                ? SchemaShape.Column.VectorKind.VariableVector
                : SchemaShape.Column.VectorKind.Vector;
            return new SchemaShape.Column(_output, kind, inputs[0].ItemType, false, new SchemaShape(annotations));
        }
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>
    /// Joins columns of one item type into a vector. A single vector column is passed on as it is, with its
    /// dimensions and annotations.
    /// </summary>
    public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
    {
        internal const string LoaderSignature = "ConcatTransform";

        private readonly string _output;
        private readonly string[] _inputs;

        internal ColumnConcatenatingTransformer(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
            : base(env.Register(nameof(ColumnConcatenatingTransformer)))
        {
            _output = outputColumnName;
            _inputs = inputColumnNames;
        }

        private static ColumnConcatenatingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            ctx.CheckAtModel(Version());
            env.CheckDecode(ctx.Reader.ReadInt32() == 1);
            string output = ctx.LoadNonEmptyString();
            var inputs = new string[ctx.Reader.ReadInt32()];
            env.CheckDecode(inputs.Length > 0);
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = ctx.LoadNonEmptyString();
                env.CheckDecode(ctx.LoadStringOrNull() == null);
            }
            return new ColumnConcatenatingTransformer(env, output, inputs);
        }

        // The format has room for several output columns and for aliases of the inputs; neither is used.
        private protected override void SaveModel(ModelSaveContext ctx)
        {
            ctx.CheckAtModel();
            ctx.SetVersionInfo(Version());
            ctx.Writer.Write(1);
            ctx.SaveNonEmptyString(_output);
            ctx.Writer.Write(_inputs.Length);
            foreach (string input in _inputs)
            {
                ctx.SaveNonEmptyString(input);
                ctx.SaveStringOrNull(null);
            }
        }

        private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

        private static VersionInfo Version() =>
            new("CONCAT F", 0x00010003, 0x00010003, 0x00010003,
                typeof(ColumnConcatenatingTransformer).Assembly.FullName, LoaderSignature, "ConcatFunction");

        private sealed class Mapper : MapperBase
        {
            private readonly string _output;
            private readonly DataViewSchema.Column[] _inputs;
            private readonly PrimitiveDataViewType _itemType;

            public Mapper(ColumnConcatenatingTransformer parent, DataViewSchema schema)
                : base(parent.Host.Register(nameof(Mapper)), schema)
            {
                _output = parent._output;
                _inputs = Array.ConvertAll(parent._inputs, name => schema.GetColumnOrNull(name)
                    ?? throw Host.ExceptSchemaMismatch("inputSchema", "input", name));
                var itemType = _inputs[0].Type.GetItemType();
                foreach (var input in _inputs)
                {
                    if (!input.Type.GetItemType().Equals(itemType))
                    {
                        throw Host.ExceptSchemaMismatch(
                            "inputSchema", "input", input.Name, itemType.ToString(), input.Type.ToString());
                    }
                }
                _itemType = itemType as PrimitiveDataViewType
                    ?? throw Host.ExceptSchemaMismatch(
                        "inputSchema", "input", _inputs[0].Name, "a primitive type or a vector", itemType.ToString());
            }

            private bool IsIdentity => _inputs is [{ Type: VectorDataViewType }];

            protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
            {
                if (IsIdentity)
                    return [new DataViewSchema.DetachedColumn(_output, _inputs[0].Type, _inputs[0].Annotations)];

                bool isKnownSize = _inputs.All(input => input.Type.GetValueCount() > 0);
                int size = isKnownSize ? _inputs.Sum(input => input.Type.GetValueCount()) : 0;
                var annotations = new DataViewSchema.Annotations.Builder();
                if (_itemType is NumberDataViewType && _inputs.All(input => input.IsNormalized()))
                {
                    annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance,
                        (ref bool value) => value = true);
                }
                if (isKnownSize && _inputs.Any(input => input.Type is not VectorDataViewType || HasSlotNames(input)))
                    annotations.AddSlotNames(size, GetSlotNames);
                return [new DataViewSchema.DetachedColumn(_output, new VectorDataViewType(_itemType, size), annotations.ToAnnotations())];
            }

            protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
            {
                disposer = null;
                return IsIdentity
                    ? input.GetGetterAsDelegate(_inputs[0])
                    : Generic.Call(MakeConcatenatingGetter<int>, _itemType.RawType, input);
            }

            private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            {
                var needed = activeOutput(0) ? _inputs.Select(input => input.Index).ToHashSet() : [];
                return needed.Contains;
            }

            private Delegate MakeConcatenatingGetter<T>(DataViewRow input)
            {
                var parts = Array.ConvertAll(_inputs, column => VectorGetter<T>(input, column));
                var buffers = new VBuffer<T>[parts.Length];
                return new ValueGetter<VBuffer<T>>((ref VBuffer<T> value) =>
                {
                    int size = 0;
                    int count = 0;
                    for (int i = 0; i < parts.Length; i++)
                    {
                        parts[i](ref buffers[i]);
                        CheckSize(_inputs[i], buffers[i].Length);
                        size = checked(size + buffers[i].Length);
                        count += buffers[i].GetValues().Length;
                    }
                    value = count <= size / 2 ? JoinSparse(buffers, ref value, size, count) : JoinDense(buffers, ref value, size);
                });
            }

            private void CheckSize(DataViewSchema.Column column, int size)
            {
                int expected = column.Type.GetVectorSize();
                Host.Check(expected == 0 || expected == size, $"Column '{column.Name}': expected {expected} slots, but got {size}");
            }

            private static ValueGetter<VBuffer<T>> VectorGetter<T>(DataViewRow input, DataViewSchema.Column column)
            {
                if (column.Type is VectorDataViewType)
                    return input.GetGetter<VBuffer<T>>(column);
                var getter = input.GetGetter<T>(column);
                return (ref VBuffer<T> value) =>
                {
                    var editor = VBufferEditor.Create(ref value, 1);
                    getter(ref editor.Values[0]);
                    value = editor.Commit();
                };
            }

            private static VBuffer<T> JoinDense<T>(VBuffer<T>[] parts, ref VBuffer<T> target, int size)
            {
                var editor = VBufferEditor.Create(ref target, size);
                int offset = 0;
                foreach (var part in parts)
                {
                    part.CopyTo(editor.Values, offset);
                    offset += part.Length;
                }
                return editor.Commit();
            }

            private static VBuffer<T> JoinSparse<T>(VBuffer<T>[] parts, ref VBuffer<T> target, int size, int count)
            {
                var editor = VBufferEditor.Create(ref target, size, count);
                int offset = 0;
                int place = 0;
                foreach (var part in parts)
                {
                    var values = part.GetValues();
                    for (int i = 0; i < values.Length; i++, place++)
                    {
                        editor.Values[place] = values[i];
                        editor.Indices[place] = offset + (part.IsDense ? i : part.GetIndices()[i]);
                    }
                    offset += part.Length;
                }
                return editor.Commit();
            }

            private static bool HasSlotNames(DataViewSchema.Column column) =>
                column.HasSlotNames(column.Type.GetVectorSize());

            /// <summary>A scalar's slot has its column's name; a vector's have that before their own.</summary>
            private void GetSlotNames(ref VBuffer<ReadOnlyMemory<char>> value)
            {
                var names = _inputs.SelectMany(SlotNamesOf).ToArray();
                new VBuffer<ReadOnlyMemory<char>>(names.Length, names).CopyTo(ref value);
            }

            private static IEnumerable<ReadOnlyMemory<char>> SlotNamesOf(DataViewSchema.Column column)
            {
                if (column.Type is not VectorDataViewType)
                    return [column.Name.AsMemory()];
                if (!HasSlotNames(column))
                    return new ReadOnlyMemory<char>[column.Type.GetVectorSize()];
                VBuffer<ReadOnlyMemory<char>> names = default;
                column.Annotations.GetValue(AnnotationUtils.Kinds.SlotNames, ref names);
                return names.DenseValues().Select(name => name.IsEmpty ? default : $"{column.Name}.{name}".AsMemory());
            }
        }
    }
}
