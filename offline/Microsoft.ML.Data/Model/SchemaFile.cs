using System.IO.Compression;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// The schema in a model file: a binary data view without rows, as the real package writes it. Columns and annotations
/// of types that cannot be written, such as images, are left out; a schema that has no others is refused.
/// </summary>
/// <remarks>
/// The layout: a header of fixed size, the values of the annotations with one table for each column that has any,
/// the table of columns, a closing signature.
/// </remarks>
internal static class SchemaFile
{
    private const int HeaderSize = 256;
    private const ulong Signature = 0x00425644004C4D43;
    private const ulong ClosingSignature = 0x434D4C0044564200;
    private const ulong Version = 0x0001000100010006;
    private const string Damaged = "The schema in the model file is damaged";

    private enum Compression : byte
    {
        None = 0,
        Deflate = 1,
    }

    public static void Write(BinaryWriter writer, DataViewSchema schema, IChannel channel)
    {
        foreach (var column in schema.Where(column => !SchemaCodec.CanWrite(column.Type)))
            channel.Info(
                MessageSensitivity.Schema,
                $"The column '{column.Name}' will not be written as it has unsavable column type.");
        var columns = schema.Where(column => SchemaCodec.CanWrite(column.Type)).ToList();
        channel.Check(columns.Count > 0, "No valid columns to save");

        using var body = new MemoryStream();
        using var bodyWriter = new BinaryWriter(body, Encoding.UTF8);
        var annotationTables = columns.ConvertAll(column => WriteAnnotations(bodyWriter, column.Annotations));
        long columnTable = HeaderSize + body.Position;
        for (int i = 0; i < columns.Count; i++)
        {
            bodyWriter.Write(columns[i].Name);
            SchemaCodec.WriteType(bodyWriter, columns[i].Type);
            bodyWriter.Write((byte)Compression.Deflate);
            // Rows in a block of values and where the table of blocks is: there are no rows.
            bodyWriter.Write7BitEncodedInt(1);
            bodyWriter.Write((long)HeaderSize);
            bodyWriter.Write(annotationTables[i]);
        }

        WriteHeader(writer, columnTable, HeaderSize + body.Position, columns.Count);
        writer.Write(body.ToArray());
        writer.Write(ClosingSignature);
    }

    public static DataViewSchema Read(BinaryReader reader)
    {
        try
        {
            using var file = new MemoryStream();
            reader.BaseStream.CopyTo(file);
            using var content = new BinaryReader(file, Encoding.UTF8);
            return ReadColumns(content);
        }
        catch (Exception ex)
            when (ex is IOException or InvalidDataException or ArgumentException or InvalidCastException)
        {
            throw Contracts.ExceptDecode(null, ex, Damaged);
        }
    }

    private static void WriteHeader(BinaryWriter writer, long columnTable, long closing, int columnCount)
    {
        writer.Write(Signature);
        writer.Write(Version);
        // The oldest reader that understands it.
        writer.Write(Version);
        writer.Write(columnTable);
        writer.Write(closing);
        const long RowCount = 0;
        writer.Write(RowCount);
        writer.Write(columnCount);
        const int Used = 6 * sizeof(ulong) + sizeof(int);
        writer.Write(new byte[HeaderSize - Used]);
    }

    /// <returns>Where the column's table of annotations is in the file; 0 if it has none.</returns>
    private static long WriteAnnotations(BinaryWriter writer, DataViewSchema.Annotations annotations)
    {
        var kinds = annotations.Schema.Where(kind => SchemaCodec.CanWrite(kind.Type)).ToList();
        if (kinds.Count == 0)
            return 0;
        var blocks = new List<long> { HeaderSize + writer.BaseStream.Position };
        foreach (var kind in kinds)
        {
            SchemaCodec.WriteValue(writer, annotations, kind);
            blocks.Add(HeaderSize + writer.BaseStream.Position);
        }

        writer.Write7BitEncodedInt(kinds.Count);
        for (int i = 0; i < kinds.Count; i++)
        {
            writer.Write(kinds[i].Name);
            SchemaCodec.WriteType(writer, kinds[i].Type);
            writer.Write((byte)Compression.None);
            writer.Write(blocks[i]);
            writer.Write7BitEncodedInt64(blocks[i + 1] - blocks[i]);
        }

        return blocks[^1];
    }

    private static DataViewSchema ReadColumns(BinaryReader reader)
    {
        reader.BaseStream.Position = 0;
        Contracts.CheckDecode(
            reader.BaseStream.Length > HeaderSize && reader.ReadUInt64() == Signature,
            "The schema in the model file is of an unknown format");
        reader.ReadUInt64();
        ulong oldestReader = reader.ReadUInt64();
        Contracts.CheckDecode(oldestReader <= Version, "The schema in the model file is of a newer format");
        long columnTable = reader.ReadInt64();
        long closing = reader.ReadInt64();
        reader.ReadInt64();
        int columnCount = reader.ReadInt32();
        Contracts.CheckDecode(columnCount >= 0, Damaged);
        reader.BaseStream.Position = closing;
        Contracts.CheckDecode(reader.ReadUInt64() == ClosingSignature, Damaged);

        reader.BaseStream.Position = columnTable;
        var schema = new DataViewSchema.Builder();
        for (int i = 0; i < columnCount; i++)
        {
            string name = reader.ReadString();
            var type = SchemaCodec.ReadType(reader);
            reader.ReadByte();
            reader.Read7BitEncodedInt();
            reader.ReadInt64();
            long annotationTable = reader.ReadInt64();
            long next = reader.BaseStream.Position;
            schema.AddColumn(name, type, ReadAnnotations(reader, annotationTable));
            reader.BaseStream.Position = next;
        }

        return schema.ToSchema();
    }

    private static DataViewSchema.Annotations ReadAnnotations(BinaryReader reader, long table)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (table == 0)
            return annotations.ToAnnotations();
        reader.BaseStream.Position = table;
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            string kind = reader.ReadString();
            var type = SchemaCodec.ReadType(reader);
            var compression = (Compression)reader.ReadByte();
            long start = reader.ReadInt64();
            long length = reader.Read7BitEncodedInt64();
            long next = reader.BaseStream.Position;
            using var block = OpenBlock(reader, start, length, compression);
            annotations.Add(kind, type, SchemaCodec.ReadValue(block, type));
            reader.BaseStream.Position = next;
        }

        return annotations.ToAnnotations();
    }

    private static BinaryReader OpenBlock(BinaryReader reader, long start, long length, Compression compression)
    {
        Contracts.CheckDecode(
            length >= 0 && start >= HeaderSize && start <= reader.BaseStream.Length - length, Damaged);
        Contracts.CheckDecode(
            Enum.IsDefined(compression), "The schema in the model file is compressed in an unknown way");
        reader.BaseStream.Position = start;
        var block = new MemoryStream(reader.ReadBytes((int)length));
        if (compression == Compression.None)
            return new BinaryReader(block, Encoding.UTF8);
        var inflated = new MemoryStream();
        using (var deflated = new DeflateStream(block, CompressionMode.Decompress))
            deflated.CopyTo(inflated);
        inflated.Position = 0;
        return new BinaryReader(inflated, Encoding.UTF8);
    }
}
