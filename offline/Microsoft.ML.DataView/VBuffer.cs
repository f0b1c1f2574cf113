using System.Collections;

namespace Microsoft.ML.Data;

/// <summary>
/// A dense or sparse vector. A sparse one stores only some slots, by ascending index; the others are default.
/// The arrays are reused from row to row: a vector is valid until the buffer it came in is filled again.
/// </summary>
public readonly struct VBuffer<T> : IEnumerable
{
    public readonly int Length;
    private readonly int _count;
    private readonly T[] _values;
    private readonly int[] _indices;

    public VBuffer(int length, T[] values, int[] indices = null)
    {
        ThrowIf(length < 0, nameof(length));
        ThrowIf(SizeOf(values) < length, nameof(values));
        Length = _count = length;
        _values = values;
        _indices = indices;
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        ThrowIf(length < 0, nameof(length));
        ThrowIf(count < 0 || count > length, nameof(count));
        ThrowIf(SizeOf(values) < count, nameof(values));
        ThrowIf(count != length && SizeOf(indices) < count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    /// <summary>The stored values: all of them where dense, those of <see cref="GetIndices"/> where sparse.</summary>
    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public T GetItemOrDefault(int index)
    {
        ThrowIf(index < 0 || index >= Length, nameof(index));
        int place = IsDense ? index : GetIndices().BinarySearch(index);
        return place >= 0 ? _values[place] : default;
    }

    public IEnumerable<T> DenseValues()
    {
        int place = 0;
        for (int slot = 0; slot < Length; slot++)
            yield return IsDense ? _values[slot]
                : place < _count && _indices[place] == slot ? _values[place++]
                : default;
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        if (all || IsDense)
            return DenseValues().Select((value, slot) => KeyValuePair.Create(slot, value));
        var (indices, values) = (_indices, _values);
        return Enumerable.Range(0, _count).Select(place => KeyValuePair.Create(indices[place], values[place]));
    }

    public void CopyTo(ref VBuffer<T> destination) => CopyTo(ref destination, 0, Length);

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        ThrowIf(sourceIndex < 0 || sourceIndex > Length, nameof(sourceIndex));
        ThrowIf(length < 0 || sourceIndex > Length - length, nameof(length));

        if (IsDense)
        {
            var dense = VBufferEditor.Create(ref destination, length);
            _values.AsSpan(sourceIndex, length).CopyTo(dense.Values);
            destination = dense.Commit();
            return;
        }

        int first = FirstPlaceAtOrAfter(sourceIndex);
        int count = FirstPlaceAtOrAfter(sourceIndex + length) - first;
        var editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(first, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
            editor.Indices[i] = _indices[first + i] - sourceIndex;
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        if (destinationIndex < 0 || destinationIndex > destination.Length - Length)
            throw new ArgumentOutOfRangeException(nameof(destination), "Not large enough to hold these values.");

        var slots = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(slots);
            return;
        }
        // The real one, too, ignores the default value where nothing at all is stored.
        slots.Fill(_count == 0 ? default : defaultValue);
        for (int place = 0; place < _count; place++)
            slots[_indices[place]] = _values[place];
    }

    /// <summary>Enumerates the storage, which may be longer than the vector; use <see cref="DenseValues"/>.</summary>
    public IEnumerator GetEnumerator() => _values.GetEnumerator();

    public override string ToString() => IsDense
        ? $"Dense vector of size {Length}"
        : $"Sparse vector of size {Length}, {_count} explicit values";

    internal VBufferEditor<T> GetEditor(
        int length, int? valuesCount, int? maxCapacity, bool keepOld, bool indicesOnDense)
    {
        ThrowIf(length < 0, "newLogicalLength", "Must be non-negative.");
        ThrowIf(valuesCount < 0, nameof(valuesCount), "If specified, must be non-negative.");
        ThrowIf(valuesCount > length, nameof(valuesCount), "If specified, must be no greater than newLogicalLength");

        int count = valuesCount ?? length;
        var values = Grow(_values, count, maxCapacity, keepOld);
        var indices = count == length && !indicesOnDense ? _indices : Grow(_indices, count, maxCapacity, keepOld);
        return new VBufferEditor<T>(length, count, values, indices, indicesOnDense);
    }

    private static TItem[] Grow<TItem>(TItem[] array, int size, int? maxCapacity, bool keepOld)
    {
        if (SizeOf(array) >= size)
            return array ?? [];
        // Doubling keeps a buffer that grows row by row from being allocated anew for each.
        long doubled = Math.Min(2L * SizeOf(array), maxCapacity ?? Array.MaxLength);
        var larger = new TItem[Math.Max(size, doubled)];
        if (keepOld)
            array?.CopyTo(larger, 0);
        return larger;
    }

    private int FirstPlaceAtOrAfter(int slot)
    {
        int place = GetIndices().BinarySearch(slot);
        return place >= 0 ? place : ~place;
    }

    private static int SizeOf<TItem>(TItem[] array) => array?.Length ?? 0;

    private static void ThrowIf(bool bad, string paramName)
    {
        if (bad)
            throw new ArgumentOutOfRangeException(paramName);
    }

    private static void ThrowIf(bool bad, string paramName, string message)
    {
        if (bad)
            throw new ArgumentOutOfRangeException(paramName, message);
    }
}
