namespace Microsoft.ML.Data;

/// <summary>The number of values of a key column; without one, as many as its type has.</summary>
public sealed class KeyCount
{
    internal readonly ulong? Count;

    public KeyCount(ulong count)
    {
        if (count == 0)
            throw new ArgumentOutOfRangeException(nameof(count), "The cardinality of valid key value count must be positive.");
        Count = count;
    }
}
