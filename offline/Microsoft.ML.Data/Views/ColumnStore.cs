namespace Microsoft.ML.Data;

/// <summary>Kept values of one column, or of the row ids, by place.</summary>
internal abstract class ColumnStore
{
    /// <summary>Fetches the values from <paramref name="row"/> from now on.</summary>
    public abstract void Attach(DataViewRow row);

    /// <summary>Makes room for values; without it, there is room as needed, but not while they are read.</summary>
    public abstract void Reserve(int count);

    /// <summary>Keeps the current value of the attached row at a place.</summary>
    public abstract void Put(int place);

    /// <summary>A getter of the value at the place that <paramref name="place"/> tells.</summary>
    public abstract Delegate MakeGetter(Func<int> place);

    public static ColumnStore Of(DataViewSchema.Column column)
    {
        var valueType = column.Type.RawType;
        return column.Type is VectorDataViewType vector
            ? (ColumnStore)Activator.CreateInstance(typeof(VectorStore<>).MakeGenericType(vector.ItemType.RawType), column)
            : (ColumnStore)Activator.CreateInstance(typeof(ScalarStore<>).MakeGenericType(valueType), column);
    }

    public static ColumnStore OfIds() => new IdStore();

    private abstract class Typed<T> : ColumnStore
    {
        private ValueGetter<T> _getter;
        protected T[] Values = [];

        public override void Attach(DataViewRow row) => _getter = GetGetter(row);

        public override void Reserve(int count) => Array.Resize(ref Values, count);

        public override void Put(int place)
        {
            if (place >= Values.Length)
                Reserve(Math.Max(16, 2 * Values.Length));
            _getter(ref Values[place]);
        }

        public override Delegate MakeGetter(Func<int> place) =>
            new ValueGetter<T>((ref T value) => Copy(in Values[place()], ref value));

        protected abstract ValueGetter<T> GetGetter(DataViewRow row);

        protected virtual void Copy(in T source, ref T destination) => destination = source;
    }

    private sealed class ScalarStore<T>(DataViewSchema.Column column) : Typed<T>
    {
        protected override ValueGetter<T> GetGetter(DataViewRow row) => row.GetGetter<T>(column);
    }

    private sealed class VectorStore<T>(DataViewSchema.Column column) : Typed<VBuffer<T>>
    {
        protected override ValueGetter<VBuffer<T>> GetGetter(DataViewRow row) => row.GetGetter<VBuffer<T>>(column);

        // The reader owns its buffer and may change it.
        protected override void Copy(in VBuffer<T> source, ref VBuffer<T> destination) => source.CopyTo(ref destination);
    }

    private sealed class IdStore : Typed<DataViewRowId>
    {
        protected override ValueGetter<DataViewRowId> GetGetter(DataViewRow row) => row.GetIdGetter();
    }
}
