using System.Collections.Immutable;

namespace Microsoft.ML.Data;

/// <summary>Vectors of one item type. A dimension of 0 is unknown, and so then is <see cref="Size"/>.</summary>
public sealed class VectorDataViewType : StructuredDataViewType
{
    public VectorDataViewType(PrimitiveDataViewType itemType, int size = 0)
        : this(itemType, [size], nameof(size))
    {
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, params int[] dimensions)
        : this(itemType, dimensions is null ? [] : [.. dimensions], nameof(dimensions))
    {
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, ImmutableArray<int> dimensions)
        : this(itemType, dimensions, nameof(dimensions))
    {
    }

    private VectorDataViewType(PrimitiveDataViewType itemType, ImmutableArray<int> dimensions, string paramName)
        : base(MakeRawType(itemType))
    {
        if (dimensions.Length == 0 || dimensions.Any(dimension => dimension < 0))
            throw new ArgumentOutOfRangeException(paramName);
        ItemType = itemType;
        Dimensions = dimensions;
        Size = dimensions.Aggregate(1, (size, dimension) => checked(size * dimension));
    }

    public PrimitiveDataViewType ItemType { get; }

    public ImmutableArray<int> Dimensions { get; }

    /// <summary>The number of slots, or 0 where it varies from row to row.</summary>
    public int Size { get; }

    public bool IsKnownSize => Size > 0;

    public override bool Equals(DataViewType other) =>
        other is VectorDataViewType vector
        && ItemType.Equals(vector.ItemType)
        && Dimensions.AsSpan().SequenceEqual(vector.Dimensions.AsSpan());

    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(ItemType);
        foreach (int dimension in Dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        if (Dimensions.Length == 1)
            return IsKnownSize ? $"Vector<{ItemType}, {Size}>" : $"Vector<{ItemType}>";
        string dimensions = string.Join(", ", Dimensions.Select(d => d > 0 ? $"{d}" : "*"));
        return $"Vector<{ItemType}, {dimensions}>";
    }

    private static Type MakeRawType(PrimitiveDataViewType itemType)
    {
        ArgumentNullException.ThrowIfNull(itemType);
        return typeof(VBuffer<>).MakeGenericType(itemType.RawType);
    }
}
