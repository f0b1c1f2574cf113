using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>A function of each slot of a column.</summary>
internal abstract class SlotFunction : ICanSaveModel
{
    public abstract int SlotCount { get; }

    public abstract Delegate MakeGetter(DataViewRow input, DataViewSchema.Column column);

    public abstract void Save(ModelSaveContext ctx);

    /// <summary>A scalar column is read as a vector with one slot.</summary>
    public static ValueGetter<VBuffer<T>> VectorGetter<T>(DataViewRow input, DataViewSchema.Column column)
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

    protected static void WriteArray<T>(BinaryWriter writer, T[] values)
        where T : unmanaged =>
        writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));

    protected static T[] ReadArray<T>(BinaryReader reader, int count)
        where T : unmanaged
    {
        var values = new T[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}

internal abstract class SlotFunction<T> : SlotFunction
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Writes the function of each of <paramref name="values"/> in its place.</summary>
    protected abstract void Apply(Span<T> values);

    public override Delegate MakeGetter(DataViewRow input, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType)
        {
            var getter = input.GetGetter<T>(column);
            return new ValueGetter<T>((ref T value) =>
            {
                getter(ref value);
                Apply(new Span<T>(ref value));
            });
        }

        var vectorGetter = input.GetGetter<VBuffer<T>>(column);
        VBuffer<T> source = default;
        return new ValueGetter<VBuffer<T>>((ref VBuffer<T> value) =>
        {
            vectorGetter(ref source);
            Contracts.Check(source.Length == SlotCount, $"Normalizer expected {SlotCount} slots but got {source.Length}");
            var editor = VBufferEditor.Create(ref value, source.Length);
            source.CopyTo(editor.Values);
            Apply(editor.Values);
            value = editor.Commit();
        });
    }
}
