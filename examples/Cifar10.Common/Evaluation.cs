using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace CifarExamples;

/// <summary>How good a model is on images that it was not trained on.</summary>
public static class Evaluation
{
    /// <summary>Scores the test images, prints what came out and returns it; TopKAccuracy is that of five guesses.</summary>
    public static MulticlassClassificationMetrics Run(MLContext mlContext, ITransformer model, IDataView test)
    {
        var clock = Stopwatch.StartNew();
        var scored = model.Transform(test);
        var metrics = mlContext.MulticlassClassification.Evaluate(scored, topKPredictionCount: 5);
        Console.WriteLine($"Scored {test.GetRowCount():N0} images in {clock.Elapsed.TotalSeconds:F1} s.");
        VBuffer<ReadOnlyMemory<char>> classNames = default;
        scored.Schema["Score"].GetSlotNames(ref classNames);
        Report.Show(metrics, [.. classNames.DenseValues().Select(n => n.ToString())]);
        return metrics;
    }
}
