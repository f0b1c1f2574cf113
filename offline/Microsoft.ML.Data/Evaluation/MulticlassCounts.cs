namespace Microsoft.ML.Data;

/// <summary>Adds up the rows of an evaluation.</summary>
internal sealed class MulticlassCounts
{
    /// <summary>The least probability the log-loss sees.</summary>
    private const float MinProbability = 1e-15f;

    private readonly int _classCount;
    private readonly double[] _rowsOfClass;
    private readonly double[] _logLossOfClass;
    // One more than there are classes: a label the model does not know ranks last.
    private readonly double[] _rowsAtRank;
    private double _rowCount;
    private double _logLossSum;

    /// <summary>Row counts by [true class][predicted class].</summary>
    public double[][] Confusion { get; }

    public MulticlassCounts(int classCount)
    {
        _classCount = classCount;
        _rowsOfClass = new double[classCount];
        _logLossOfClass = new double[classCount];
        _rowsAtRank = new double[classCount + 1];
        Confusion = Enumerable.Range(0, classCount).Select(_ => new double[classCount]).ToArray();
    }

    public double MicroAccuracy => _rowCount > 0 ? _rowsAtRank[0] / _rowCount : 0;

    public double MacroAccuracy
    {
        get
        {
            var seen = Enumerable.Range(0, _classCount).Where(i => _rowsOfClass[i] > 0).ToArray();
            return seen.Length > 0 ? seen.Sum(i => Confusion[i][i] / _rowsOfClass[i]) / seen.Length : 0;
        }
    }

    public double LogLoss => _rowCount > 0 ? _logLossSum / _rowCount : 0;

    /// <summary>How much smaller the log-loss is than that of always predicting the classes' frequencies.</summary>
    public double LogLossReduction
    {
        get
        {
            var prior = -_rowsOfClass.Where(rows => rows != 0).Sum(rows => rows * Math.Log(rows / _rowCount)) / _rowCount;
            return (prior - LogLoss) / prior;
        }
    }

    public double[] PerClassLogLoss() =>
        _logLossOfClass.Select((sum, i) => _rowsOfClass[i] > 0 ? sum / _rowsOfClass[i] : 0).ToArray();

    /// <summary>Accuracy when the first 1, 2, ... <paramref name="count"/> classes by score may count.</summary>
    /// <exception cref="IndexOutOfRangeException">There are not as many ranks.</exception>
    public double[] TopKAccuracies(int count)
    {
        double right = 0;
        var accuracies = new double[count];
        for (int rank = 0; rank < count; rank++)
        {
            right += _rowsAtRank[rank];
            accuracies[rank] = right / _rowCount;
        }
        return accuracies;
    }

    /// <param name="label">Zero-based class of the row; at or above the class count where the model does not know it.</param>
    /// <param name="scores">A probability for each class.</param>
    public void Add(int label, ReadOnlySpan<float> scores)
    {
        var isKnown = label < _classCount;
        var labelScore = isKnown ? scores[label] : 0;
        var logLoss = isKnown ? -Math.Log(Math.Min(1, Math.Max(MinProbability, labelScore))) : -Math.Log(MinProbability);

        // Of equal scores the first class wins.
        var rank = 0;
        var predicted = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > labelScore || (scores[i] == labelScore && i < label))
                rank++;
            if (scores[i] > scores[predicted])
                predicted = i;
        }

        _rowCount++;
        _logLossSum += logLoss;
        _rowsAtRank[rank]++;
        if (!isKnown)
            return;
        _rowsOfClass[label]++;
        _logLossOfClass[label] += logLoss;
        Confusion[label][predicted]++;
    }
}
