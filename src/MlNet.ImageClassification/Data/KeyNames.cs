using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// The values that a label's keys stand for: their type, and each as the text that gives it back exactly. A label may have
/// none, as keys made without values do.
/// </summary>
internal sealed class KeyNames : IEquatable<KeyNames>
{
    private const string KeyValues = "KeyValues";
    private const int Few = 5;

    private KeyNames(DataKind kind, string[] texts) => (Kind, Texts) = (kind, texts);

    /// <summary>Keys without values.</summary>
    public static KeyNames None { get; } = new(default, []);

    /// <summary>The type of the values; 0 without values.</summary>
    public DataKind Kind { get; }

    /// <summary>The values as text, in the order of the keys; empty without values.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The values of a key column.</summary>
    /// <exception cref="InvalidOperationException">A model file cannot hold values of their type.</exception>
    public static KeyNames Of(DataViewSchema.Column label) =>
        TypeOfValues(label) is { } type ? KindOf(type, label.Name).Read(label) : None;

    /// <summary>The values of a key column; null where a model file cannot hold values of their type.</summary>
    public static KeyNames? TryOf(DataViewSchema.Column label) =>
        TypeOfValues(label) is { } type ? Kinds.FirstOrDefault(kind => kind.Type.Equals(type))?.Read(label) : None;

    /// <summary>The values that a model file holds.</summary>
    /// <exception cref="InvalidDataException">The values are not of the type.</exception>
    public static KeyNames FromTexts(DataKind kind, string[] texts)
    {
        if (kind == default && texts.Length == 0)
            return None;
        var known = Kinds.FirstOrDefault(k => k.Kind == kind)
            ?? throw new InvalidDataException($"The class names are of an unknown type ({(int)kind}).");
        if (!texts.All(known.IsValid))
            throw new InvalidDataException($"The class names are not all of type {kind}.");
        return new KeyNames(kind, texts);
    }

    /// <summary>Two keys whose values are of a type, where no more is known of a column.</summary>
    /// <exception cref="InvalidOperationException">A model file cannot hold values of the type.</exception>
    public static KeyNames ExampleOf(SchemaShape.Column label)
    {
        foreach (var annotation in label.Annotations)
            if (annotation.Name == KeyValues && KindOf(annotation.ItemType, label.Name) is var kind)
                return new KeyNames(kind.Kind, [kind.Default, kind.Default]);
        return None;
    }

    /// <summary>Adds the values, in their own type, as an annotation.</summary>
    public void AddValuesTo(DataViewSchema.Annotations.Builder annotations, string name)
    {
        if (this != None)
            Kinds.First(k => k.Kind == Kind).Add(annotations, name, this);
    }

    /// <summary>Adds the values as the text names of slots.</summary>
    public void AddSlotNamesTo(DataViewSchema.Annotations.Builder annotations)
    {
        if (this == None)
            return;
        var names = Texts.Select(text => text.AsMemory()).ToArray();
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> value) => Copy(names, ref value);
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, names.Length), getter);
    }

    /// <summary>Adds the values, in their own type, as key values.</summary>
    public void AddKeyValuesTo(DataViewSchema.Annotations.Builder annotations) => AddValuesTo(annotations, KeyValues);

    public bool Equals(KeyNames? other) => other is not null && Kind == other.Kind && Texts.SequenceEqual(other.Texts);

    public override bool Equals(object? obj) => Equals(obj as KeyNames);

    public override int GetHashCode() => HashCode.Combine(Kind, Texts.Count);

    public override string ToString() => string.Join(", ", Texts);

    /// <summary>The first few of the values.</summary>
    public string FirstFew() => string.Join(", ", Texts.Take(Few)) + (Texts.Count > Few ? ", ..." : "");

    private static DataViewType? TypeOfValues(DataViewSchema.Column label) =>
        (label.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type as VectorDataViewType)?.ItemType;

    private static KeyKind KindOf(DataViewType values, string column) => Kinds.FirstOrDefault(kind => kind.Type.Equals(values))
        ?? throw new InvalidOperationException(
            $"The keys of column '{column}' stand for values of type {values}, which a model file cannot hold. " +
            "Map text or numbers to keys.");

    private static void Copy<T>(ReadOnlySpan<T> values, ref VBuffer<T> target)
    {
        var editor = VBufferEditor.Create(ref target, values.Length);
        values.CopyTo(editor.Values);
        target = editor.Commit();
    }

    private static readonly KeyKind[] Kinds =
    [
        new TextKind(),
        Plain<sbyte>(DataKind.SByte, NumberDataViewType.SByte),
        Plain<byte>(DataKind.Byte, NumberDataViewType.Byte),
        Plain<short>(DataKind.Int16, NumberDataViewType.Int16),
        Plain<ushort>(DataKind.UInt16, NumberDataViewType.UInt16),
        Plain<int>(DataKind.Int32, NumberDataViewType.Int32),
        Plain<uint>(DataKind.UInt32, NumberDataViewType.UInt32),
        Plain<long>(DataKind.Int64, NumberDataViewType.Int64),
        Plain<ulong>(DataKind.UInt64, NumberDataViewType.UInt64),
        Plain<float>(DataKind.Single, NumberDataViewType.Single),
        Plain<double>(DataKind.Double, NumberDataViewType.Double),
        Plain<bool>(DataKind.Boolean, BooleanDataViewType.Instance),
        new ValueKind<DateTime>(
            DataKind.DateTime, DateTimeDataViewType.Instance, value => value.ToString("O", CultureInfo.InvariantCulture),
            text => DateTime.ParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)),
        new ValueKind<DateTimeOffset>(
            DataKind.DateTimeOffset, DateTimeOffsetDataViewType.Instance, value => value.ToString("O", CultureInfo.InvariantCulture),
            text => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture)),
        new ValueKind<TimeSpan>(
            DataKind.TimeSpan, TimeSpanDataViewType.Instance, value => value.ToString("c", CultureInfo.InvariantCulture),
            text => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture)),
    ];

    private static ValueKind<T> Plain<T>(DataKind kind, PrimitiveDataViewType type) where T : struct, IParsable<T> => new(
        kind, type, value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        text => T.Parse(text, CultureInfo.InvariantCulture));

    /// <summary>How values of one type become text and come back.</summary>
    private abstract class KeyKind(DataKind kind, PrimitiveDataViewType type)
    {
        public DataKind Kind { get; } = kind;

        public PrimitiveDataViewType Type { get; } = type;

        /// <summary>The text of some value.</summary>
        public abstract string Default { get; }

        public KeyNames Read(DataViewSchema.Column label) => new(Kind, ReadTexts(label.Annotations));

        public abstract void Add(DataViewSchema.Annotations.Builder annotations, string name, KeyNames names);

        public abstract bool IsValid(string text);

        protected abstract string[] ReadTexts(DataViewSchema.Annotations annotations);

        protected static T[] ReadValues<T>(DataViewSchema.Annotations annotations)
        {
            VBuffer<T> values = default;
            annotations.GetValue(KeyValues, ref values);
            return [.. values.DenseValues()];
        }

        protected void AddValues<T>(DataViewSchema.Annotations.Builder annotations, string name, T[] values)
        {
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> value) => Copy(values, ref value);
            annotations.Add(name, new VectorDataViewType(Type, values.Length), getter);
        }
    }

    private sealed class TextKind() : KeyKind(DataKind.String, TextDataViewType.Instance)
    {
        public override string Default => "";

        protected override string[] ReadTexts(DataViewSchema.Annotations annotations) =>
            Array.ConvertAll(ReadValues<ReadOnlyMemory<char>>(annotations), text => text.ToString());

        public override void Add(DataViewSchema.Annotations.Builder annotations, string name, KeyNames names) =>
            AddValues(annotations, name, names.Texts.Select(text => text.AsMemory()).ToArray());

        public override bool IsValid(string text) => true;
    }

    private sealed class ValueKind<T>(DataKind kind, PrimitiveDataViewType type, Func<T, string> write, Func<string, T> parse)
        : KeyKind(kind, type) where T : struct
    {
        public override string Default => write(default);

        protected override string[] ReadTexts(DataViewSchema.Annotations annotations) =>
            [.. ReadValues<T>(annotations).Select(write)];

        public override void Add(DataViewSchema.Annotations.Builder annotations, string name, KeyNames names) =>
            AddValues(annotations, name, names.Texts.Select(parse).ToArray());

        public override bool IsValid(string text)
        {
            try
            {
                parse(text);
                return true;
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                return false;
            }
        }
    }
}
