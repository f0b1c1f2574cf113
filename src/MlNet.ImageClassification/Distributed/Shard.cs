namespace MlNet.ImageClassification;

/// <summary>The part of every batch that one of several processes takes: as many images as the others, or one more or less.</summary>
/// <param name="Rank">Which process, from 0.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct Shard(int Rank, int Count)
{
    /// <summary>All of every batch.</summary>
    public static Shard Whole => new(0, 1);

    /// <summary>The places of a batch that belong to the part.</summary>
    public (int First, int Count) Of(int batch)
    {
        int first = (int)((long)batch * Rank / Count);
        return (first, (int)((long)batch * (Rank + 1) / Count) - first);
    }

    /// <summary>The images of the largest part of a batch.</summary>
    public int LargestOf(int batch) => (batch + Count - 1) / Count;

    /// <summary>The images of the smallest part of a batch.</summary>
    public int SmallestOf(int batch) => batch / Count;
}
