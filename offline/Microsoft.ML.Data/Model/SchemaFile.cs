using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// The schema in a model file: each column's name, type and annotations. Columns and annotations of types that
/// cannot be written, such as images, are left out.
/// </summary>
internal static class SchemaFile
{
    private const string Signature = "SCHEMA01";

    private enum Kind : byte
    {
        Simple = 1,
        Key = 2,
        Vector = 3,
    }

    public static void Write(BinaryWriter writer, DataViewSchema schema, IChannel channel)
    {
        writer.Write(Signature);
        foreach (var column in schema.Where(column => !IsWritable(column)))
            channel.Info(
                MessageSensitivity.Schema,
                $"The column '{column.Name}' will not be written as it has unsavable column type.");
        var columns = schema.Where(IsWritable).ToList();
        writer.Write(columns.Count);
        foreach (var column in columns)
        {
            WriteNameAndType(writer, column);
            var annotations = column.Annotations;
            var kinds = annotations.Schema.Where(IsWritable).ToList();
            writer.Write(kinds.Count);
            foreach (var kind in kinds)
            {
                WriteNameAndType(writer, kind);
                if (kind.Type is VectorDataViewType vector)
                    Generic.Call(WriteVector<int>, vector.ItemType.RawType, writer, annotations, kind);
                else
                    Generic.Call(WriteScalar<int>, kind.Type.RawType, writer, annotations, kind);
            }
        }
    }

    public static DataViewSchema Read(BinaryReader reader)
    {
        try
        {
            return ReadColumns(reader);
        }
        catch (Exception ex) when (ex is IOException or ArgumentException or InvalidCastException)
        {
            throw Contracts.ExceptDecode(null, ex, "The schema in the model file is damaged");
        }
    }

    private static DataViewSchema ReadColumns(BinaryReader reader)
    {
        Contracts.CheckDecode(
            reader.ReadString() == Signature, "The schema in the model file is of an unknown format");
        var schema = new DataViewSchema.Builder();
        for (int columns = ReadCount(reader); columns > 0; columns--)
        {
            string name = reader.ReadString();
            var type = ReadType(reader);
            var annotations = new DataViewSchema.Annotations.Builder();
            for (int kinds = ReadCount(reader); kinds > 0; kinds--)
            {
                string kind = reader.ReadString();
                var kindType = ReadType(reader);
                annotations.Add(kind, kindType, kindType is VectorDataViewType vector
                    ? Generic.Call(ReadVector<int>, vector.ItemType.RawType, reader)
                    : Generic.Call(ReadScalar<int>, kindType.RawType, reader));
            }
            schema.AddColumn(name, type, annotations.ToAnnotations());
        }
        return schema.ToSchema();
    }

    private static bool IsWritable(DataViewSchema.Column column) =>
        ColumnTypeExtensions.PrimitiveTypeOrNull(column.Type.GetItemType().RawType) is not null;

    private static void WriteNameAndType(BinaryWriter writer, DataViewSchema.Column column)
    {
        writer.Write(column.Name);
        var type = column.Type;
        if (type is VectorDataViewType vector)
        {
            writer.Write((byte)Kind.Vector);
            writer.Write(vector.Dimensions.Length);
            foreach (int dimension in vector.Dimensions)
                writer.Write(dimension);
            type = vector.ItemType;
        }
        var key = type as KeyDataViewType;
        writer.Write((byte)(key is null ? Kind.Simple : Kind.Key));
        writer.Write((byte)DataKindExtensions.FromType(type.RawType));
        if (key is not null)
            writer.Write(key.Count);
    }

    private static DataViewType ReadType(BinaryReader reader)
    {
        var kind = (Kind)reader.ReadByte();
        if (kind == Kind.Vector)
        {
            var dimensions = new int[ReadCount(reader)];
            for (int i = 0; i < dimensions.Length; i++)
                dimensions[i] = reader.ReadInt32();
            return new VectorDataViewType((PrimitiveDataViewType)ReadType(reader), dimensions);
        }
        Contracts.CheckDecode(
            kind is Kind.Simple or Kind.Key, "The schema in the model file has a column of an unknown type");
        var dataKind = (DataKind)reader.ReadByte();
        Contracts.CheckDecode(
            Enum.IsDefined(dataKind), "The schema in the model file has a column of an unknown type");
        var rawType = dataKind.ToType();
        return kind == Kind.Key
            ? new KeyDataViewType(rawType, reader.ReadUInt64())
            : ColumnTypeExtensions.PrimitiveTypeFromType(rawType);
    }

    /// <summary>A number of things that follow, each of at least one byte.</summary>
    private static int ReadCount(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        long left = reader.BaseStream.Length - reader.BaseStream.Position;
        Contracts.CheckDecode(count >= 0 && count <= left, "The schema in the model file is damaged");
        return count;
    }

    private static object WriteScalar<T>(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column kind)
    {
        T value = default;
        annotations.GetGetter<T>(kind)(ref value);
        WriteItem(writer, value);
        return null;
    }

    private static object WriteVector<T>(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column kind)
    {
        VBuffer<T> value = default;
        annotations.GetGetter<VBuffer<T>>(kind)(ref value);
        writer.Write(value.Length);
        foreach (var item in value.DenseValues())
            WriteItem(writer, item);
        return null;
    }

    private static Delegate ReadScalar<T>(BinaryReader reader)
    {
        var stored = (T)ReadItem(reader, typeof(T));
        return (ValueGetter<T>)((ref T value) => value = stored);
    }

    private static Delegate ReadVector<T>(BinaryReader reader)
    {
        var items = new T[ReadCount(reader)];
        for (int i = 0; i < items.Length; i++)
            items[i] = (T)ReadItem(reader, typeof(T));
        var stored = new VBuffer<T>(items.Length, items);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => stored.CopyTo(ref value));
    }

    private static void WriteItem(BinaryWriter writer, object item)
    {
        if (item is ReadOnlyMemory<char> text)
            writer.Write(text.ToString());
        else if (item is double or float)
            writer.Write(Convert.ToDouble(item));
        else if (item is ulong large)
            writer.Write(large);
        else
            writer.Write(Convert.ToInt64(item));
    }

    private static object ReadItem(BinaryReader reader, Type type)
    {
        if (type == typeof(ReadOnlyMemory<char>))
            return reader.ReadString().AsMemory();
        if (type == typeof(double) || type == typeof(float))
            return Convert.ChangeType(reader.ReadDouble(), type);
        if (type == typeof(ulong))
            return reader.ReadUInt64();
        return Convert.ChangeType(reader.ReadInt64(), type);
    }
}
