namespace MlNet.ImageClassification.Reports;

/// <summary>Training images, each beside its augmentations: what the network really learned from.</summary>
internal static class SamplesSection
{
    public static Markup Write(TrainingSamples samples, TrainingReport? report, Func<int, string> nameOf)
    {
        var html = new Html();
        if (samples.Rows.Count == 0)
            return html.Add($"<p class=\"note\">The training data given has no image that can be shown.</p>").ToMarkup();
        bool isAugmented = samples.Rows[0].Pictures.Count > 1;
        html.Add($"<p>Images drawn from the training data as the network takes them");
        if (isAugmented)
            html.Add($", each followed by {samples.Rows[0].Pictures.Count - 1} of its augmentations; every epoch draws others");
        html.Add($". What cannot be told from the image here, no network can learn.</p>\n<ul class=\"samples\">\n");
        foreach (var (label, pictures) in samples.Rows)
        {
            html.Add($"<li><figure>");
            for (int i = 0; i < pictures.Count; i++)
                html.Add(Thumbnail.Of(pictures[i], i == 0 ? nameOf(label) : $"{nameOf(label)}, augmented {i}"));
            html.Add($"<figcaption>{Html.Name(nameOf(label))}</figcaption></figure></li>\n");
        }
        html.Add($"</ul>");
        if (report?.Options is null)
            html.Add($"<p class=\"note\">How they were augmented is not known: a loaded model keeps nothing of its training.</p>");
        return html.ToMarkup();
    }
}
