namespace Cifar10Loader;

/// <summary>Draws the rows of a stratified split.</summary>
/// <remarks>
/// Seats are given to the classes by the largest remainder method (T. Hare, 1859): each class gets the whole part of its
/// quota, rows x fraction, and the seats still missing from the overall share go to the largest fractional parts, to the
/// first class where two are equal. A class that would then be absent on one side gets one row there; a class of one row
/// stays with the rest. So many small classes hold out more than the share: 50 classes of 4 rows at 0.1 hold out 50 rows,
/// one each, not 20.
/// </remarks>
internal static class StratifiedDraw
{
    /// <param name="labels">For each row its class, from 0 to <paramref name="classCount"/> - 1.</param>
    /// <param name="classCount">The number of classes; some may have no row.</param>
    /// <param name="fraction">The share to hold out: above 0, below 1.</param>
    /// <param name="seed">The same seed draws the same rows.</param>
    /// <returns>For each row whether it is held out.</returns>
    public static bool[] HeldOut(IReadOnlyList<int> labels, int classCount, double fraction, int seed)
    {
        var rowsOf = new List<int>[classCount];
        for (int label = 0; label < classCount; label++)
            rowsOf[label] = [];
        for (int row = 0; row < labels.Count; row++)
            rowsOf[labels[row]].Add(row);

        int[] seats = Seats([.. rowsOf.Select(rows => rows.Count)], fraction);
        var held = new bool[labels.Count];
        var random = new Random(seed);
        for (int label = 0; label < classCount; label++)
        {
            int[] shuffled = [.. rowsOf[label]];
            random.Shuffle(shuffled);
            foreach (int row in shuffled.AsSpan(0, seats[label]))
                held[row] = true;
        }

        return held;
    }

    /// <summary>How many rows of each class are held out.</summary>
    private static int[] Seats(int[] sizes, double fraction)
    {
        int[] divisible = [.. Enumerable.Range(0, sizes.Length).Where(label => sizes[label] >= 2)];
        var seats = new int[sizes.Length];
        foreach (int label in divisible)
            seats[label] = (int)(sizes[label] * fraction);

        var wanted = (int)Math.Round(divisible.Sum(label => sizes[label] * fraction), MidpointRounding.AwayFromZero);
        int[] byRemainder = [.. divisible.OrderByDescending(label => sizes[label] * fraction - seats[label])];
        foreach (int label in byRemainder.Take(wanted - seats.Sum()))
            seats[label]++;

        foreach (int label in divisible)
            seats[label] = Math.Clamp(seats[label], 1, sizes[label] - 1);
        return seats;
    }
}
