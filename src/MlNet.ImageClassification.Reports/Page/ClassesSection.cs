namespace MlNet.ImageClassification.Reports;

/// <summary>Precision, recall and support of each class; where there are many, the worst ones first and all of them folded away.</summary>
internal static class ClassesSection
{
    private const int MostClasses = 30;

    public static Markup Write(ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        var html = new Html().Add($"""
            <p>Precision: of the images taken for the class, the share that is of it. Recall: of the class's images, the share that was taken for it.
            F1: the harmonic mean of both. Support: the class's test images.</p>

            """);
        int[] all = [.. Enumerable.Range(0, confusion.ClassCount)];
        if (all.Length <= MostClasses)
            return html.Add(Table(confusion, nameOf, all, $"All {all.Length} classes")).ToMarkup();
        int[] worst = [.. all.Where(index => confusion.F1(index) is not null).OrderBy(confusion.F1).ThenByDescending(confusion.Support).Take(MostClasses)];
        return html
            .Add(Table(confusion, nameOf, worst, $"The {worst.Length} classes with the lowest F1, of {all.Length}"))
            .Add($"<details><summary>All {all.Length} classes</summary>\n")
            .Add(Table(confusion, nameOf, all, $"All {all.Length} classes, in the order of the keys"))
            .Add($"</details>").ToMarkup();
    }

    private static Markup Table(ConfusionMatrix confusion, Func<int, string> nameOf, int[] classes, string caption)
    {
        var html = new Html().Add($"""
            <div class="scroll" tabindex="0" role="region" aria-label="{caption}">
            <table class="figures bars"><caption>{caption}</caption>
            <thead><tr><th scope="col" class="text">Class</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th><th scope="col">Support</th></tr></thead>
            <tbody>

            """);
        foreach (int index in classes)
        {
            html.Add($"<tr><th scope=\"row\" class=\"text\">{Html.Name(nameOf(index))}</th>");
            foreach (double? share in new[] { confusion.Precision(index), confusion.Recall(index), confusion.F1(index) })
                html.Add($"<td class=\"bar\" style=\"--d:{100 * (share ?? 0):0.#}%\">{Html.Percent(share)}</td>");
            html.Add($"<td>{confusion.Support(index):N0}</td></tr>\n");
        }
        return html.Add($"</tbody></table></div>\n").ToMarkup();
    }
}
