namespace MlNet.ImageClassification.Reports;

/// <summary>Test images with what the model says of them; right and wrong are told by color, by line and in words.</summary>
internal static class AnswersSection
{
    public static Markup WriteMistakes(IReadOnlyList<Answer> answers, Func<int, string> nameOf) => answers.Count == 0
        ? new Html().Add($"<p>There is no mistake among the test images.</p>").ToMarkup()
        : new Html().Add($"<p>The wrong answers that the model was surest of. Look for wrong labels, for images of two classes and for what they have in common.</p>\n")
            .Add(Grid(answers, nameOf)).ToMarkup();

    public static Markup WriteDrawn(IReadOnlyList<Answer> answers, Func<int, string> nameOf) =>
        new Html().Add($"<p>Test images drawn at random: {answers.Count(answer => answer.IsRight)} of {answers.Count} right.</p>\n")
            .Add(Grid(answers, nameOf)).ToMarkup();

    private static Markup Grid(IReadOnlyList<Answer> answers, Func<int, string> nameOf)
    {
        var html = new Html();
        if (answers.Any(answer => answer.Picture is null))
            html.Add($"<p class=\"note\">The scored rows have no images any more; keep the column that the network reads to see them.</p>\n");
        html.Add($"<ul class=\"images\">\n");
        foreach (var answer in answers)
        {
            string verdict = answer.IsRight ? "right" : "wrong";
            html.Add($"<li class=\"{verdict}\"><figure>");
            if (answer.Picture is { } picture)
                html.Add(Thumbnail.Of(picture, $"{nameOf(answer.Truth)}, predicted {nameOf(answer.Predicted)} with {Html.Percent(answer.Confidence)}"));
            html.Add($"<figcaption><span class=\"verdict\">{(answer.IsRight ? "✓" : "✗")} {verdict}</span> <span class=\"said\">{Html.Name(nameOf(answer.Predicted))} {Html.Percent(answer.Confidence)}</span>");
            if (!answer.IsRight)
                html.Add($" <span>is {Html.Name(nameOf(answer.Truth))} ({Html.Percent(answer.TruthProbability)})</span>");
            if (answer.Path is { Length: > 0 } path)
                html.Add($" <span class=\"file\" title=\"{path}\">{Html.Name(FileName(path))}</span>");
            html.Add($"</figcaption></figure></li>\n");
        }
        return html.Add($"</ul>").ToMarkup();
    }

    // With its folder, which most often is its class: names alone are often the same in each.
    private static string FileName(string path) => string.Join('/', path.Split('/', '\\').TakeLast(2));
}
