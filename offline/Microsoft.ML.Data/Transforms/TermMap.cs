using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Distinct values in a fixed order: the first is key 1. Empty text and NaN are never among them.</summary>
internal abstract class TermMap
{
    private const byte TextFormat = 0;
    private const byte NumberFormat = 1;

    public abstract PrimitiveDataViewType ItemType { get; }

    public abstract int Count { get; }

    /// <summary>The type of the keys. A key type must have one value at least, even where nothing was learnt.</summary>
    public KeyDataViewType KeyType => new(typeof(uint), Math.Max(1, Count));

    /// <summary>Gets the keys of a column's values, 0 for those that are not among the terms.</summary>
    public abstract Delegate MakeGetter(DataViewRow input, DataViewSchema.Column column);

    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, bool asText);

    public abstract void Save(ModelSaveContext ctx);

    public static bool CanMap(DataViewType itemType) => itemType is TextDataViewType or NumberDataViewType;

    /// <summary>Collects the distinct values of a column until there are <paramref name="maxCount"/>.</summary>
    public static TermMap Learn(
        IDataView data, DataViewSchema.Column column, int maxCount, ValueToKeyMappingEstimator.KeyOrdinality order)
    {
        var map = Create((PrimitiveDataViewType)column.Type.GetItemType());
        using var cursor = data.GetRowCursor([column]);
        map.Learn(cursor, column, maxCount);
        if (order == ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            map.Sort();
        return map;
    }

    public static TermMap Load(ModelLoadContext ctx)
    {
        byte format = ctx.Reader.ReadByte();
        Contracts.CheckDecode(format is TextFormat or NumberFormat, "Unrecognized type of terms");
        var type = TextDataViewType.Instance as PrimitiveDataViewType;
        if (format == NumberFormat)
        {
            string name = ctx.Reader.ReadString();
            int parameterCount = ctx.Reader.Read7BitEncodedInt();
            type = Enum.GetValues<DataKind>()
                .Select(kind => ColumnTypeExtensions.PrimitiveTypeOrNull(kind.ToType()))
                .FirstOrDefault(candidate => candidate is NumberDataViewType && candidate.RawType.Name == name);
            Contracts.CheckDecode(type != null && parameterCount == 0, $"Unrecognized type of terms '{name}'");
        }
        var map = Create(type);
        map.LoadTerms(ctx);
        return map;
    }

    private static TermMap Create(PrimitiveDataViewType type) => type is TextDataViewType
        ? new TextTerms()
        : (TermMap)Activator.CreateInstance(typeof(NumberTerms<>).MakeGenericType(type.RawType), type);

    protected abstract void Learn(DataViewRowCursor cursor, DataViewSchema.Column column, int maxCount);

    protected abstract void Sort();

    protected abstract void LoadTerms(ModelLoadContext ctx);

    /// <typeparam name="TValue">The type of the column's values.</typeparam>
    /// <typeparam name="TTerm">The type they are kept and compared as.</typeparam>
    private abstract class Terms<TValue, TTerm> : TermMap
    {
        private readonly Dictionary<TTerm, uint> _keys = [];
        protected readonly List<TTerm> InOrder = [];

        public override int Count => InOrder.Count;

        protected abstract TTerm ToTerm(TValue value);

        protected abstract TValue ToValue(TTerm term);

        protected abstract bool IsMissing(TTerm term);

        protected abstract int Compare(TTerm first, TTerm second);

        protected abstract string ToText(TTerm term);

        protected void Add(TTerm term)
        {
            if (!IsMissing(term) && _keys.TryAdd(term, (uint)Count + 1))
                InOrder.Add(term);
        }

        protected override void Learn(DataViewRowCursor cursor, DataViewSchema.Column column, int maxCount)
        {
            var read = ValuesOf(cursor, column);
            while (Count < maxCount && cursor.MoveNext())
            {
                foreach (var value in read())
                {
                    if (Count < maxCount)
                        Add(ToTerm(value));
                }
            }
        }

        protected override void Sort()
        {
            InOrder.Sort(Compare);
            for (int i = 0; i < InOrder.Count; i++)
                _keys[InOrder[i]] = (uint)i + 1;
        }

        public override Delegate MakeGetter(DataViewRow input, DataViewSchema.Column column)
        {
            if (column.Type is VectorDataViewType)
                return MakeVectorGetter(input.GetGetter<VBuffer<TValue>>(column));
            var getter = input.GetGetter<TValue>(column);
            TValue value = default;
            return new ValueGetter<uint>((ref uint key) =>
            {
                getter(ref value);
                key = KeyOf(value);
            });
        }

        private Delegate MakeVectorGetter(ValueGetter<VBuffer<TValue>> getter)
        {
            VBuffer<TValue> values = default;
            return new ValueGetter<VBuffer<uint>>((ref VBuffer<uint> keys) =>
            {
                getter(ref values);
                var editor = VBufferEditor.Create(ref keys, values.Length);
                int slot = 0;
                foreach (var value in values.DenseValues())
                    editor.Values[slot++] = KeyOf(value);
                keys = editor.Commit();
            });
        }

        public override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, bool asText)
        {
            if (Count == 0)
                return;
            if (asText && ItemType is not TextDataViewType)
            {
                annotations.AddKeyValues(Count, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> values) =>
                    Fill(ref values, term => ToText(term).AsMemory()));
            }
            else
            {
                annotations.AddKeyValues(Count, ItemType, (ref VBuffer<TValue> values) => Fill(ref values, ToValue));
            }
        }

        private void Fill<T>(ref VBuffer<T> values, Func<TTerm, T> convert)
        {
            var editor = VBufferEditor.Create(ref values, Count);
            for (int i = 0; i < Count; i++)
                editor.Values[i] = convert(InOrder[i]);
            values = editor.Commit();
        }

        private uint KeyOf(TValue value) => _keys.GetValueOrDefault(ToTerm(value));

        private static Func<IEnumerable<TValue>> ValuesOf(DataViewRow row, DataViewSchema.Column column)
        {
            if (column.Type is VectorDataViewType)
            {
                var vectorGetter = row.GetGetter<VBuffer<TValue>>(column);
                VBuffer<TValue> vector = default;
                return () =>
                {
                    vectorGetter(ref vector);
                    return vector.DenseValues();
                };
            }
            var getter = row.GetGetter<TValue>(column);
            var values = new TValue[1];
            return () =>
            {
                getter(ref values[0]);
                return values;
            };
        }
    }

    private sealed class TextTerms : Terms<ReadOnlyMemory<char>, string>
    {
        public override PrimitiveDataViewType ItemType => TextDataViewType.Instance;

        protected override string ToTerm(ReadOnlyMemory<char> value) => value.ToString();

        protected override ReadOnlyMemory<char> ToValue(string term) => term.AsMemory();

        protected override bool IsMissing(string term) => term.Length == 0;

        protected override int Compare(string first, string second) => string.CompareOrdinal(first, second);

        protected override string ToText(string term) => term;

        public override void Save(ModelSaveContext ctx)
        {
            ctx.Writer.Write(TextFormat);
            ctx.Writer.Write(Count);
            foreach (string term in InOrder)
                ctx.SaveNonEmptyString(term);
        }

        protected override void LoadTerms(ModelLoadContext ctx)
        {
            for (int count = ctx.Reader.ReadInt32(); count > 0; count--)
                Add(ctx.LoadNonEmptyString());
        }
    }

    private sealed class NumberTerms<T>(PrimitiveDataViewType type) : Terms<T, T>
        where T : unmanaged, System.Numerics.INumber<T>
    {
        public override PrimitiveDataViewType ItemType => type;

        protected override T ToTerm(T value) => value;

        protected override T ToValue(T term) => term;

        protected override bool IsMissing(T term) => T.IsNaN(term);

        protected override int Compare(T first, T second) => first.CompareTo(second);

        protected override string ToText(T term) => term.ToString(null, CultureInfo.InvariantCulture);

        public override void Save(ModelSaveContext ctx)
        {
            ctx.Writer.Write(NumberFormat);
            ctx.Writer.Write(typeof(T).Name);
            ctx.Writer.Write7BitEncodedInt(0);
            ctx.Writer.Write(Count);
            ctx.Writer.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(InOrder)));
        }

        protected override void LoadTerms(ModelLoadContext ctx)
        {
            for (int count = ctx.Reader.ReadInt32(); count > 0; count--)
            {
                T term = default;
                ctx.Reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(new Span<T>(ref term)));
                Add(term);
            }
        }
    }
}
