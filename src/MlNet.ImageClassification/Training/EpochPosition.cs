namespace MlNet.ImageClassification;

/// <summary>How far into an epoch a training is, and what its steps came to so far.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Images">Images in them.</param>
/// <param name="LossSum">Their summed loss.</param>
/// <param name="Correct">How many of them were classified correctly.</param>
/// <param name="Elapsed">The time they took.</param>
internal readonly record struct EpochPosition(int Steps, long Images, double LossSum, double Correct, TimeSpan Elapsed)
{
    public void Write(BinaryWriter block)
    {
        block.Write(Steps);
        block.Write(Images);
        block.Write(LossSum);
        block.Write(Correct);
        block.Write(Elapsed.Ticks);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static EpochPosition Read(BinaryReader block) =>
        new(block.ReadInt32(), block.ReadInt64(), block.ReadDouble(), block.ReadDouble(), new TimeSpan(block.ReadInt64()));
}
