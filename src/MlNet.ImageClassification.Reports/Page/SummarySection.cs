using static System.FormattableString;

namespace MlNet.ImageClassification.Reports;

/// <summary>The figures that a reader looks for first.</summary>
internal static class SummarySection
{
    public static Markup Write(ImageClassificationTransformer network, TrainingReport? report, TestResults? test)
    {
        var html = new Html().Add($"<dl class=\"cards\">\n");
        if (test is not null)
        {
            Card("Test accuracy", Html.Percent(test.Confusion.Accuracy), Invariant($"{test.Confusion.Right:N0} of {test.Confusion.Total:N0} images right"));
            if (test.Guesses > 1)
                Card($"Top-{test.Guesses} accuracy", Html.Percent(test.TopAccuracy), $"the class is among the {test.Guesses} most probable");
            Card("Log-loss", Invariant($"{test.LogLoss:0.000}"), "on the test images; lower is better");
            Card("Calibration error", Html.Percent(test.Calibration.ExpectedError), "expected distance of confidence and accuracy");
        }
        if (report is { Epochs.Count: > 0 })
        {
            var best = report.Epochs[report.BestEpoch - 1];
            Card("Epochs", $"{report.Epochs.Count}", report.Canceled ? $"canceled; the network of epoch {report.BestEpoch} is kept" : $"the network of epoch {report.BestEpoch} is kept");
            if (best.ValidationAccuracy is double accuracy)
                Card("Validation accuracy", Html.Percent(accuracy), Invariant($"{report.ValidationImages:N0} images, epoch {report.BestEpoch}"));
            Card("Training time", Time(TimeSpan.FromTicks(report.Epochs.Sum(epoch => epoch.Duration.Ticks))), Invariant($"{best.ImagesPerSecond:N0} images/s in epoch {report.BestEpoch}"));
            Card("Training images", Invariant($"{report.TrainingImages:N0}"), $"{network.ClassCount} classes, {network.ImageShape.Width} × {network.ImageShape.Height} pixels");
        }
        html.Add($"</dl>\n<p>Network: {Html.Name(network.Architecture)}.");
        if (test is { LeftOut: > 0 })
            html.Add($" Left out of the test: {Quantity.Of(test.LeftOut, "row")} without a label or a usable image.");
        if (report is { RowsWithoutLabel: > 0 } or { BadImages: > 0 })
            html.Add($" Left out of the training: {Quantity.Of(report.RowsWithoutLabel, "row")} without a label, {Quantity.Of(report.BadImages, "row")} with a bad image.");
        return html.Add($"</p>").ToMarkup();

        void Card(string name, string value, string detail) =>
            html.Add($"<div><dt>{name}</dt><dd><strong>{value}</strong> <span>{detail}</span></dd></div>\n");
    }

    /// <summary>A time as people say it.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalSeconds < 60 ? Invariant($"{time.TotalSeconds:0.0} s")
        : time.TotalHours < 1 ? Invariant($"{time:m\\:ss} min")
        : Invariant($"{(int)time.TotalHours}:{time:mm} h");
}
