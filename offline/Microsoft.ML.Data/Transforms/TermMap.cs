using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Distinct values in a fixed order: the first is key 1. Empty text and NaN are never among them.</summary>
internal abstract class TermMap
{
    private const byte TextFormat = 0;
    private const byte BinaryFormat = 1;
    private const string KeyName = "Key2";

    public abstract PrimitiveDataViewType ItemType { get; }

    public abstract int Count { get; }

    /// <summary>The type of the keys. A key type must have one value at least, even where nothing was learnt.</summary>
    public KeyDataViewType KeyType => new(typeof(uint), Math.Max(1, Count));

    /// <summary>Gets the keys of a column's values, 0 for those that are not among the terms.</summary>
    public abstract Delegate MakeGetter(DataViewRow input, DataViewSchema.Column column);

    /// <param name="source">The column the values come from.</param>
    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText);

    public abstract void Save(ModelSaveContext ctx);

    public static bool CanMap(DataViewType itemType) => itemType is TextDataViewType or NumberDataViewType or KeyDataViewType;

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
        Contracts.CheckDecode(format is TextFormat or BinaryFormat, "Unrecognized type of terms");
        var map = Create(format == TextFormat ? TextDataViewType.Instance : ReadType(ctx.Reader));
        map.LoadTerms(ctx);
        return map;
    }

    private static TermMap Create(PrimitiveDataViewType type)
    {
        if (type is TextDataViewType)
            return new TextTerms();
        var terms = type is KeyDataViewType ? typeof(KeyTerms<>) : typeof(NumberTerms<>);
        return (TermMap)Activator.CreateInstance(terms.MakeGenericType(type.RawType), type);
    }

    /// <summary>A name, the length of what describes the type further, and that: for keys, their number type and count.</summary>
    private static void WriteType(BinaryWriter writer, PrimitiveDataViewType type)
    {
        if (type is KeyDataViewType key)
        {
            writer.Write(KeyName);
            writer.Write7BitEncodedInt(1 + type.RawType.Name.Length + 1 + sizeof(ulong));
            writer.Write(type.RawType.Name);
            writer.Write7BitEncodedInt(0);
            writer.Write(key.Count);
        }
        else
        {
            writer.Write(type.RawType.Name);
            writer.Write7BitEncodedInt(0);
        }
    }

    private static PrimitiveDataViewType ReadType(BinaryReader reader)
    {
        string name = reader.ReadString();
        reader.Read7BitEncodedInt();
        if (name == KeyName)
        {
            var number = ReadType(reader);
            return new KeyDataViewType(number.RawType, reader.ReadUInt64());
        }
        return Enum.GetValues<DataKind>()
            .Select(kind => ColumnTypeExtensions.PrimitiveTypeOrNull(kind.ToType()))
            .FirstOrDefault(type => type is NumberDataViewType && type.RawType.Name == name)
            ?? throw Contracts.ExceptDecode($"Unrecognized type of terms '{name}'");
    }

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

        public override void AddKeyValues(
            DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText)
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

        protected void Fill<T>(ref VBuffer<T> values, Func<TTerm, T> convert)
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

    private abstract class BinaryTerms<T>(PrimitiveDataViewType type) : Terms<T, T>
        where T : unmanaged, INumber<T>
    {
        public override PrimitiveDataViewType ItemType => type;

        protected override T ToTerm(T value) => value;

        protected override T ToValue(T term) => term;

        protected override int Compare(T first, T second) => first.CompareTo(second);

        public override void Save(ModelSaveContext ctx)
        {
            ctx.Writer.Write(BinaryFormat);
            WriteType(ctx.Writer, ItemType);
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

    private sealed class NumberTerms<T>(PrimitiveDataViewType type) : BinaryTerms<T>(type)
        where T : unmanaged, INumber<T>
    {
        protected override bool IsMissing(T term) => T.IsNaN(term);

        protected override string ToText(T term) => term.ToString(null, CultureInfo.InvariantCulture);
    }

    /// <summary>Keys of another column; what they stood for there, they stand for here.</summary>
    private sealed class KeyTerms<T>(PrimitiveDataViewType type) : BinaryTerms<T>(type)
        where T : unmanaged, IBinaryInteger<T>
    {
        protected override bool IsMissing(T term) => T.IsZero(term);

        protected override string ToText(T term) => (term - T.One).ToString(null, CultureInfo.InvariantCulture);

        public override void AddKeyValues(
            DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText)
        {
            var values = source.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type as VectorDataViewType;
            if (Count > 0 && values != null && values.Size == ItemType.GetKeyCountAsInt32())
                Generic.Call(AddSourceValues<int>, values.ItemType.RawType, (annotations, source, values.ItemType, asText));
            else
                base.AddKeyValues(annotations, source, asText);
        }

        private bool AddSourceValues<TValue>(
            (DataViewSchema.Annotations.Builder Annotations, DataViewSchema.Column Source, PrimitiveDataViewType Type, bool AsText) target)
        {
            VBuffer<TValue> buffer = default;
            target.Source.Annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref buffer);
            TValue[] values = [.. buffer.DenseValues()];
            if (target.AsText && target.Type is not TextDataViewType)
            {
                target.Annotations.AddKeyValues(Count, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> texts) =>
                    Fill(ref texts, key => string.Create(CultureInfo.InvariantCulture, $"{ValueOf(key)}").AsMemory()));
            }
            else
            {
                target.Annotations.AddKeyValues(Count, target.Type, (ref VBuffer<TValue> result) => Fill(ref result, ValueOf));
            }
            return true;

            TValue ValueOf(T key) => values[int.CreateChecked(key) - 1];
        }
    }
}
