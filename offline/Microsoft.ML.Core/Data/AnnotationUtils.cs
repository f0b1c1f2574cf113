namespace Microsoft.ML.Data;

internal static class AnnotationUtils
{
    public static class Kinds
    {
        public const string SlotNames = "SlotNames";
        public const string KeyValues = "KeyValues";
        public const string ScoreColumnSetId = "ScoreColumnSetId";
        public const string ScoreColumnKind = "ScoreColumnKind";
        public const string ScoreValueKind = "ScoreValueKind";
        public const string IsNormalized = "IsNormalized";
        public const string TrainingLabelValues = "TrainingLabelValues";
    }

    public static void AddSlotNames(
        this DataViewSchema.Annotations.Builder builder, int size, ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter) =>
        builder.Add(Kinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, size), getter);

    public static void AddKeyValues<TValue>(
        this DataViewSchema.Annotations.Builder builder,
        int size,
        PrimitiveDataViewType valueType,
        ValueGetter<VBuffer<TValue>> getter) =>
        builder.Add(Kinds.KeyValues, new VectorDataViewType(valueType, size), getter);

    /// <summary>Whether a column names each of its <paramref name="vectorSize"/> slots in text.</summary>
    public static bool HasSlotNames(this DataViewSchema.Column column, int vectorSize) =>
        vectorSize > 0
        && column.Annotations.Schema.GetColumnOrNull(Kinds.SlotNames)?.Type is VectorDataViewType names
        && names.Size == vectorSize
        && names.ItemType is TextDataViewType;

    public static bool HasSlotNames(this SchemaShape.Column column) =>
        column.Kind == SchemaShape.Column.VectorKind.Vector
        && column.Annotations.TryFindColumn(Kinds.SlotNames, out var names)
        && names is { Kind: SchemaShape.Column.VectorKind.Vector, IsKey: false, ItemType: TextDataViewType };

    /// <summary>Whether a column says that its values are normalized.</summary>
    public static bool IsNormalized(this DataViewSchema.Column column)
    {
        bool value = false;
        if (column.Annotations.Schema.GetColumnOrNull(Kinds.IsNormalized)?.Type is BooleanDataViewType)
            column.Annotations.GetValue(Kinds.IsNormalized, ref value);
        return value;
    }

    public static bool IsNormalized(this SchemaShape.Column column) =>
        column.Annotations.TryFindColumn(Kinds.IsNormalized, out var flag)
        && flag is { Kind: SchemaShape.Column.VectorKind.Scalar, IsKey: false, ItemType: BooleanDataViewType };
}
