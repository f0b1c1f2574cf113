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

    private KeyNames(DataKind kind, string[] texts) => (Kind, Texts) = (kind, texts);

    /// <summary>Keys without values.</summary>
    public static KeyNames None { get; } = new(default, []);

    /// <summary>The type of the values; 0 without values.</summary>
    public DataKind Kind { get; }

    /// <summary>The values as text, in the order of the keys; empty without values.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The values of a key column.</summary>
    public static KeyNames Of(DataViewSchema.Column label)
    {
        if (label.Annotations.Schema.GetColumnOrNull(KeyValues) is not { Type: VectorDataViewType vector })
            return None;
        var item = vector.ItemType;
        var kind = Kinds.FirstOrDefault(k => k.Type.Equals(item))
            ?? throw new InvalidOperationException(
                $"The keys of column '{label.Name}' stand for values of type {item}, which a model file cannot hold. " +
                "Map text or numbers to keys.");
        return new KeyNames(kind.Kind, kind.Read(label.Annotations));
    }

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

    /// <summary>Two keys whose values are of a type.</summary>
    public static KeyNames ExampleOf(DataViewType type) => Kinds.FirstOrDefault(k => k.Type.Equals(type)) is { } kind
        ? new KeyNames(kind.Kind, kind.Kind == DataKind.Boolean ? ["False", "True"] : ["0", "1"])
        : None;

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

    private static void Copy<T>(ReadOnlySpan<T> values, ref VBuffer<T> target)
    {
        var editor = VBufferEditor.Create(ref target, values.Length);
        values.CopyTo(editor.Values);
        target = editor.Commit();
    }

    private static readonly KeyKind[] Kinds =
    [
        new TextKind(),
        new ValueKind<sbyte>(DataKind.SByte, NumberDataViewType.SByte),
        new ValueKind<byte>(DataKind.Byte, NumberDataViewType.Byte),
        new ValueKind<short>(DataKind.Int16, NumberDataViewType.Int16),
        new ValueKind<ushort>(DataKind.UInt16, NumberDataViewType.UInt16),
        new ValueKind<int>(DataKind.Int32, NumberDataViewType.Int32),
        new ValueKind<uint>(DataKind.UInt32, NumberDataViewType.UInt32),
        new ValueKind<long>(DataKind.Int64, NumberDataViewType.Int64),
        new ValueKind<ulong>(DataKind.UInt64, NumberDataViewType.UInt64),
        new ValueKind<float>(DataKind.Single, NumberDataViewType.Single),
        new ValueKind<double>(DataKind.Double, NumberDataViewType.Double),
        new ValueKind<bool>(DataKind.Boolean, BooleanDataViewType.Instance),
    ];

    /// <summary>How values of one type become text and come back.</summary>
    private abstract class KeyKind(DataKind kind, PrimitiveDataViewType type)
    {
        public DataKind Kind { get; } = kind;

        public PrimitiveDataViewType Type { get; } = type;

        public abstract string[] Read(DataViewSchema.Annotations annotations);

        public abstract void Add(DataViewSchema.Annotations.Builder annotations, string name, KeyNames names);

        public abstract bool IsValid(string text);

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
        public override string[] Read(DataViewSchema.Annotations annotations) =>
            Array.ConvertAll(ReadValues<ReadOnlyMemory<char>>(annotations), text => text.ToString());

        public override void Add(DataViewSchema.Annotations.Builder annotations, string name, KeyNames names) =>
            AddValues(annotations, name, names.Texts.Select(text => text.AsMemory()).ToArray());

        public override bool IsValid(string text) => true;
    }

    private sealed class ValueKind<T>(DataKind kind, PrimitiveDataViewType type) : KeyKind(kind, type)
        where T : IParsable<T>
    {
        public override string[] Read(DataViewSchema.Annotations annotations) =>
            Array.ConvertAll(ReadValues<T>(annotations), value => Convert.ToString(value, CultureInfo.InvariantCulture)!);

        public override void Add(DataViewSchema.Annotations.Builder annotations, string name, KeyNames names) =>
            AddValues(annotations, name, names.Texts.Select(text => T.Parse(text, CultureInfo.InvariantCulture)).ToArray());

        public override bool IsValid(string text) => T.TryParse(text, CultureInfo.InvariantCulture, out _);
    }
}
