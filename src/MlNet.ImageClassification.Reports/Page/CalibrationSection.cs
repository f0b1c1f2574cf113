namespace MlNet.ImageClassification.Reports;

/// <summary>Whether the probabilities can be believed.</summary>
internal static class CalibrationSection
{
    private const double Slight = 0.02;

    public static Markup Write(Calibration calibration)
    {
        double accuracy = calibration.Bins.Where(bin => bin.Count > 0).Sum(bin => bin.Accuracy * bin.Count) / calibration.Total;
        double excess = calibration.MeanConfidence - accuracy;
        string verdict = Math.Abs(excess) <= Slight
            ? "On the whole the probabilities can be taken at their word"
            : excess > 0 ? "The model is surer than it is right (overconfident)" : "The model is right more often than it says (underconfident)";
        string description = $"Reliability diagram: expected calibration error {Html.Percent(calibration.ExpectedError)}; the table that follows has the bins.";

        var html = new Html().Add($"""
            <p>{verdict}: mean confidence {Html.Percent(calibration.MeanConfidence)}, accuracy {Html.Percent(accuracy)}. Expected calibration error
            {Html.Percent(calibration.ExpectedError)}, maximum {Html.Percent(calibration.MaximumError)}, over {Calibration.BinCount} bins of equal width
            (Guo et al. 2017).</p>
            <div class="charts"><figure><figcaption><strong>Reliability</strong>, accuracy by confidence<span class="key"><span class="first">■ accuracy</span> <span class="second">┅ perfect</span></span></figcaption>
            {Chart.Reliability("reliability", description, calibration)}<p class="axis">confidence</p></figure></div>
            <details><summary>The bins as a table</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Table of confidence bins">
            <table class="figures"><caption>Answers by confidence</caption>
            <thead><tr><th scope="col">Confidence</th><th scope="col">Images</th><th scope="col">Mean confidence</th><th scope="col">Accuracy</th><th scope="col">Distance</th></tr></thead>
            <tbody>

            """);
        foreach (var bin in calibration.Bins)
            html.Add($"<tr><th scope=\"row\">{100 * bin.From:0.0} – {100 * bin.To:0.0} %</th><td>{bin.Count:N0}</td><td>{Html.Percent(bin.Confidence)}</td><td>{Html.Percent(bin.Accuracy)}</td><td>{Html.Percent(bin.Gap)}</td></tr>\n");
        return html.Add($"</tbody></table></div></details>").ToMarkup();
    }
}
