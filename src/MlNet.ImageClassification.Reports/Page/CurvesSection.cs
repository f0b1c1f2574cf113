using System.Globalization;

namespace MlNet.ImageClassification.Reports;

/// <summary>How the training went, epoch by epoch: charts, and the same as a table.</summary>
internal static class CurvesSection
{
    public static Markup Write(TrainingReport? report)
    {
        var html = new Html();
        if (report is null or { Epochs.Count: 0 })
            return html.Add($"<p class=\"note\">This model was loaded from a file, which keeps nothing of its training.</p>").ToMarkup();

        var epochs = report.Epochs;
        bool isValidated = epochs.Any(epoch => epoch.ValidationLoss is not null);
        if (!isValidated)
            html.Add($"""
                <p class="note">This training had no validation rows: the curves are of the training images alone, on which a network that only
                remembers them looks good as well. Set <code>ValidationSetFraction</code> or <code>ValidationSet</code>.</p>

                """);
        if (epochs.Count == 1)
            html.Add($"<p class=\"note\">One epoch: the charts have one point each.</p>\n");

        html.Add($"<div class=\"charts\">\n");
        Chart("loss", "Loss", "mean of the images", x => x.ToString("0.0##", CultureInfo.InvariantCulture), false, epoch => epoch.Loss, epoch => epoch.ValidationLoss);
        Chart("accuracy", "Accuracy", "share of images classified correctly", x => FormattableString.Invariant($"{100 * x:0.#} %"), false, epoch => epoch.Accuracy, epoch => epoch.ValidationAccuracy);
        Chart("rate", "Learning rate", "of each epoch's last step", x => x.ToString(x is 0 or >= 0.001 ? "0.####" : "0.#E0", CultureInfo.InvariantCulture), true, epoch => epoch.LearningRate, null);
        Chart("speed", "Images per second", "training alone", x => x.ToString("#,0.#", CultureInfo.InvariantCulture), true, epoch => epoch.ImagesPerSecond, null);
        Chart("time", "Seconds per epoch", "validation included", x => x.ToString("#,0.##", CultureInfo.InvariantCulture), true, epoch => epoch.Duration.TotalSeconds, null);
        return html.Add($"</div>\n").Add(Table(report, isValidated)).ToMarkup();

        void Chart(
            string id, string name, string detail, Func<double, string> label, bool fromZero, Func<EpochMetrics, double?> training,
            Func<EpochMetrics, double?>? validation)
        {
            List<ChartLine> lines = [Line(training)];
            if (validation is not null && isValidated)
                lines.Add(Line(validation));
            string description = $"{name} over {Quantity.Of(epochs.Count, "epoch")}: " + string.Join("; ", lines.Select((line, i) => Describe(line, lines.Count == 1 ? "" : i == 0 ? "training " : "validation ", label)));
            html.Add($"<figure><figcaption><strong>{name}</strong>, {detail}");
            if (lines.Count > 1)
                html.Add($"<span class=\"key\"><span class=\"first\">● training</span> <span class=\"second\">■ validation</span></span>");
            html.Add($"</figcaption>{Reports.Chart.OverEpochs(id, description, lines, label, fromZero)}<p class=\"axis\">epoch</p></figure>\n");
        }

        ChartLine Line(Func<EpochMetrics, double?> value) => new("", [.. epochs.Select(epoch => ((double)epoch.Epoch, value(epoch)))]);
    }

    private static string Describe(ChartLine line, string name, Func<double, string> label)
    {
        var values = line.Points.Where(point => point.Y is double y && double.IsFinite(y)).ToArray();
        return values.Length switch
        {
            0 => $"{name}no values",
            1 => $"{name}{label(values[0].Y!.Value)}",
            _ => $"{name}from {label(values[0].Y!.Value)} to {label(values[^1].Y!.Value)}, lowest {label(values.Min(v => v.Y!.Value))}, highest {label(values.Max(v => v.Y!.Value))}",
        };
    }

    private static Markup Table(TrainingReport report, bool isValidated)
    {
        var html = new Html().Add($"""
            <details><summary>The epochs as a table</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of epochs">
            <table class="figures"><caption>Epochs; the network of epoch {report.BestEpoch} is kept</caption>
            <thead><tr><th scope="col">Epoch</th><th scope="col">Loss</th><th scope="col">Accuracy</th>
            """);
        if (isValidated)
            html.Add($"<th scope=\"col\">Validation loss</th><th scope=\"col\">Validation accuracy</th>");
        html.Add($"<th scope=\"col\">Learning rate</th><th scope=\"col\">Images/s</th><th scope=\"col\">Seconds</th></tr></thead>\n<tbody>\n");
        foreach (var epoch in report.Epochs)
        {
            html.Add($"<tr><th scope=\"row\">{epoch.Epoch}{(epoch.Epoch == report.BestEpoch ? " (kept)" : "")}</th><td>{epoch.Loss:0.0000}</td><td>{Html.Percent(epoch.Accuracy)}</td>");
            if (isValidated)
                html.Add($"<td>{epoch.ValidationLoss:0.0000}</td><td>{Html.Percent(epoch.ValidationAccuracy)}</td>");
            html.Add($"<td>{epoch.LearningRate:G4}</td><td>{epoch.ImagesPerSecond:N0}</td><td>{epoch.Duration.TotalSeconds:0.0}</td></tr>\n");
        }
        return html.Add($"</tbody></table></div></details>").ToMarkup();
    }
}
