namespace MlNet.ImageClassification.Reports;

/// <summary>How often a class was taken for another; only what occurred is kept, as with 1,000 classes most never does.</summary>
internal sealed class ConfusionMatrix(int classCount)
{
    private readonly Dictionary<(int Truth, int Predicted), long> _counts = [];
    private readonly long[] _support = new long[classCount];
    private readonly long[] _predicted = new long[classCount];

    public int ClassCount => classCount;

    public long Total { get; private set; }

    public long Right { get; private set; }

    public double Accuracy => (double)Right / Total;

    /// <summary>The confusions that occurred, the most frequent first.</summary>
    public IEnumerable<(int Truth, int Predicted, long Count)> Confusions => _counts
        .Where(entry => entry.Key.Truth != entry.Key.Predicted)
        .OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key)
        .Select(entry => (entry.Key.Truth, entry.Key.Predicted, entry.Value));

    public void Add(int truth, int predicted)
    {
        _counts[(truth, predicted)] = this[truth, predicted] + 1;
        _support[truth]++;
        _predicted[predicted]++;
        Total++;
        if (truth == predicted)
            Right++;
    }

    public long this[int truth, int predicted] => _counts.GetValueOrDefault((truth, predicted));

    /// <summary>The images of a class.</summary>
    public long Support(int index) => _support[index];

    /// <summary>Of the images that were taken for the class, the share that is of it; null where none was.</summary>
    public double? Precision(int index) => Share(this[index, index], _predicted[index]);

    /// <summary>Of the images of the class, the share that was taken for it; null where there is none.</summary>
    public double? Recall(int index) => Share(this[index, index], _support[index]);

    /// <summary>The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); null where the class does not occur.</summary>
    public double? F1(int index) => Share(2 * this[index, index], _support[index] + _predicted[index]);

    /// <summary>The images that were taken for the class or are of it, but not both.</summary>
    public long Mistakes(int index) => _support[index] + _predicted[index] - 2 * this[index, index];

    /// <summary>
    /// The matrix of some classes, with all others as one more row and column.
    /// </summary>
    public long[,] Among(IReadOnlyList<int> classes)
    {
        var places = classes.Select((index, place) => (index, place)).ToDictionary(pair => pair.index, pair => pair.place);
        var counts = new long[classes.Count + 1, classes.Count + 1];
        foreach (var ((truth, predicted), count) in _counts)
            counts[places.GetValueOrDefault(truth, classes.Count), places.GetValueOrDefault(predicted, classes.Count)] += count;
        return counts;
    }

    private static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;
}
