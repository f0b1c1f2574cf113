namespace Microsoft.ML.Data;

/// <summary>The figures of one evaluation.</summary>
public sealed class MulticlassClassificationMetrics
{
    public double LogLoss { get; }

    public double LogLossReduction { get; }

    public double MacroAccuracy { get; }

    public double MicroAccuracy { get; }

    public double TopKAccuracy => TopKAccuracyForAllK?.LastOrDefault() ?? 0;

    public int TopKPredictionCount { get; }

    public IReadOnlyList<double> TopKAccuracyForAllK { get; }

    public IReadOnlyList<double> PerClassLogLoss { get; }

    public ConfusionMatrix ConfusionMatrix { get; }

    internal MulticlassClassificationMetrics(MulticlassCounts counts, int topKPredictionCount, string[] classNames)
    {
        MicroAccuracy = counts.MicroAccuracy;
        MacroAccuracy = counts.MacroAccuracy;
        LogLoss = counts.LogLoss;
        LogLossReduction = counts.LogLossReduction;
        PerClassLogLoss = Array.AsReadOnly(counts.PerClassLogLoss());
        TopKPredictionCount = topKPredictionCount;
        if (topKPredictionCount > 0)
            TopKAccuracyForAllK = Array.AsReadOnly(counts.TopKAccuracies(topKPredictionCount));
        ConfusionMatrix = new ConfusionMatrix(counts.Confusion, classNames);
    }
}
