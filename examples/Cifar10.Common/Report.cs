using Microsoft.ML.Data;
using Spectre.Console;

namespace CifarExamples;

/// <summary>Prints results.</summary>
internal static class Report
{
    // A wider table is of no use on a screen.
    private const int MostClassesShown = 20;

    public static void Show(MulticlassClassificationMetrics metrics, IReadOnlyList<string> classNames)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("on the test images").AddColumn(new TableColumn("").RightAligned());
        table.AddRow("micro accuracy", $"{metrics.MicroAccuracy:P2}");
        table.AddRow("macro accuracy", $"{metrics.MacroAccuracy:P2}");
        table.AddRow($"top-{metrics.TopKPredictionCount} accuracy", $"{metrics.TopKAccuracy:P2}");
        table.AddRow("log-loss", $"{metrics.LogLoss:F4}");
        table.AddRow("log-loss reduction", $"{metrics.LogLossReduction:F4}");
        AnsiConsole.Write(table);

        if (classNames.Count > MostClassesShown)
        {
            Console.WriteLine($"The confusion of the {classNames.Count} classes is in the report.");
            return;
        }
        Console.WriteLine($"Confusion table (classes: {string.Join(", ", classNames.Select((name, index) => $"{index} {name}"))})");
        Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }

    public static void Show(IEnumerable<(LabeledImage Image, Prediction Prediction)> predictions)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn("image").AddColumn("is").AddColumn("predicted").AddColumn(new TableColumn("probability").RightAligned());
        foreach (var (image, prediction) in predictions)
        {
            var path = Path.Combine(Path.GetFileName(Path.GetDirectoryName(image.ImagePath))!, Path.GetFileName(image.ImagePath));
            table.AddRow(Markup.Escape(path), Markup.Escape(image.ClassName), Markup.Escape(prediction.PredictedClass), $"{prediction.Score.Max():P1}");
        }
        AnsiConsole.Write(table);
    }
}
