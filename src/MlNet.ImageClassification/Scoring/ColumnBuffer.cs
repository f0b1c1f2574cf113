using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The values of one column, of any type, for the rows of a block.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Copies the value of the input's current row into a slot.</summary>
    public abstract void Fill(int slot);

    /// <summary>Leaves a slot without a value.</summary>
    public abstract void Clear(int slot);

    /// <summary>Makes the buffer of a column.</summary>
    public static ColumnBuffer Create(DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(VectorBuffer<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(ValueBuffer<>).MakeGenericType(column.Type.RawType);
        return (ColumnBuffer)Activator.CreateInstance(type, input, column, capacity)!;
    }

    private sealed class ValueBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity)
        : ColumnBuffer<T>(input, column, capacity)
    {
        // Emptied first: an object that was handed on, such as an image, belongs to who got it and must not be reused or
        // disposed by the getter.
        public override void Fill(int slot)
        {
            Clear(slot);
            Getter(ref Values[slot]);
        }

        public override void Get(int slot, ref T value) => value = Values[slot];
    }

    private sealed class VectorBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity)
        : ColumnBuffer<VBuffer<T>>(input, column, capacity)
    {
        public override void Fill(int slot) => Getter(ref Values[slot]);

        public override void Get(int slot, ref VBuffer<T> value) => Values[slot].CopyTo(ref value);
    }
}

/// <summary>A <see cref="ColumnBuffer"/> of a known type.</summary>
internal abstract class ColumnBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : ColumnBuffer
{
    protected T[] Values { get; } = new T[capacity];

    protected ValueGetter<T> Getter { get; } = input.GetGetter<T>(column);

    public override void Clear(int slot) => Values[slot] = default!;

    /// <summary>Copies the value of a slot.</summary>
    public abstract void Get(int slot, ref T value);
}
