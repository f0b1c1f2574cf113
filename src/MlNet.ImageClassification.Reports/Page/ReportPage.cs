namespace MlNet.ImageClassification.Reports;

/// <summary>The page: its frame, and what is on it in which order.</summary>
internal static class ReportPage
{
    private static readonly string Style = ReadStyle();

    /// <summary>Writes the page.</summary>
    /// <param name="title">The heading; null for the network's name.</param>
    /// <param name="network">The network.</param>
    /// <param name="report">How it was trained; null where nobody knows.</param>
    /// <param name="test">What it answers on test data; null without.</param>
    /// <param name="samples">Images it was trained on; null without.</param>
    public static string Write(
        string? title, ImageClassificationTransformer network, TrainingReport? report, TestResults? test, TrainingSamples? samples)
    {
        string heading = title ?? network.Architecture;
        Func<int, string> nameOf = index => index < network.ClassNames.Count ? network.ClassNames[index] : $"class {index + 1}";
        List<(string Id, string Name, Markup Content)> sections =
        [
            ("summary", "Summary", SummarySection.Write(network, report, test)),
            ("curves", "Training", CurvesSection.Write(report)),
        ];
        if (test is null)
        {
            sections.Add(("test", "Test", new Html().Add($"<p class=\"note\">No test data was given to this report: it cannot tell how good the model is on new images. Give <code>testData</code>.</p>").ToMarkup()));
        }
        else
        {
            sections.Add(("confusion", "Confusion", ConfusionSection.Write(test.Confusion, nameOf)));
            sections.Add(("classes", "Classes", ClassesSection.Write(test.Confusion, nameOf)));
            sections.Add(("calibration", "Calibration", CalibrationSection.Write(test.Calibration)));
            sections.Add(("mistakes", "Mistakes", AnswersSection.WriteMistakes(test.Mistakes, nameOf)));
            sections.Add(("predictions", "Predictions", AnswersSection.WriteDrawn(test.Drawn, nameOf)));
        }
        if (samples is not null)
            sections.Add(("samples", "Training images", SamplesSection.Write(samples, report, nameOf)));
        sections.Add(("options", "Options", OptionsSection.Write(report)));
        sections.Add(("machine", "Machine and versions", MachineSection.Write(report)));

        var html = new Html().Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <title>{heading} – training report</title>
            <style>{new Markup(Style)}</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the report</a>
            <header>
            <h1>{Html.Name(heading)}</h1>
            <nav aria-label="Sections"><ul>

            """);
        foreach (var (id, name, _) in sections)
            html.Add($"<li><a href=\"#{id}\">{name}</a></li>\n");
        html.Add($"</ul></nav>\n</header>\n<main id=\"main\">\n");
        foreach (var (id, name, content) in sections)
            html.Add($"<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">{name}</h2>\n{content}\n</section>\n");
        return html.Add($"</main>\n</body>\n</html>\n").ToString();
    }

    private static string ReadStyle()
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream("page.css")!);
        return reader.ReadToEnd();
    }
}
