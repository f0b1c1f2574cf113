namespace MlNet.ImageClassification.Reports;

/// <summary>Which classes are taken for which others: a heat map that is a table, and the most frequent confusions.</summary>
internal static class ConfusionSection
{
    private const int MostClasses = 20;
    private const int MostConfusions = 20;
    private const int LongestColumnName = 16;

    public static Markup Write(ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        bool isWhole = confusion.ClassCount <= MostClasses;
        int[] classes = isWhole
            ? [.. Enumerable.Range(0, confusion.ClassCount)]
            : [.. Enumerable.Range(0, confusion.ClassCount).OrderByDescending(confusion.Mistakes).ThenBy(index => index).Take(MostClasses)];
        List<string> names = [.. classes.Select(nameOf)];
        if (!isWhole)
            names.Add($"{confusion.ClassCount - classes.Length} others");
        var counts = confusion.Among(classes);

        var html = new Html().Add($"<p>Each row is a true class, each column what was predicted. ");
        if (!isWhole)
            html.Add($"Of the {confusion.ClassCount} classes those {classes.Length} are shown that have part in the most mistakes; all others are together in the last row and column. ");
        html.Add($"The stronger a cell's color, the larger its share of the row: <span class=\"cell right\">right</span> on the diagonal, <span class=\"cell wrong\">wrong</span> beside it.</p>\n");
        html.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion matrix\">\n<table class=\"matrix\"><caption>Confusion matrix, images</caption>\n<thead><tr><th scope=\"col\">true \\ predicted</th>");
        foreach (string name in names)
            html.Add($"<th scope=\"col\" title=\"{name}\"><span>{Html.Name(Html.Shorten(name, LongestColumnName))}</span></th>");
        html.Add($"</tr></thead>\n<tbody>\n");
        for (int truth = 0; truth < names.Count; truth++)
            Row(html, names, counts, truth, isWhole);
        return html.Add($"</tbody></table></div>\n").Add(Confusions(confusion, nameOf)).ToMarkup();
    }

    private static void Row(Html html, List<string> names, long[,] counts, int truth, bool isWhole)
    {
        long support = Enumerable.Range(0, names.Count).Sum(predicted => counts[truth, predicted]);
        html.Add($"<tr><th scope=\"row\" title=\"{names[truth]}\">{Html.Name(names[truth])}</th>");
        for (int predicted = 0; predicted < names.Count; predicted++)
        {
            long count = counts[truth, predicted];
            double share = support == 0 ? 0 : (double)count / support;
            // Mistakes are rare: a square root lets them be seen.
            bool isDiagonal = truth == predicted;
            double depth = Math.Round(100 * (isDiagonal ? share : Math.Sqrt(share)));
            bool mixes = !isWhole && isDiagonal && truth == names.Count - 1;
            string kind = mixes ? "mixed" : isDiagonal ? "right" : "wrong";
            html.Add($"<td class=\"{kind}{(count == 0 ? " none" : "")}\" style=\"--d:{(mixes ? 0 : depth)}\">{count}</td>");
        }
        html.Add($"</tr>\n");
    }

    private static Markup Confusions(ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        var html = new Html();
        var most = confusion.Confusions.Take(MostConfusions).ToArray();
        if (most.Length == 0)
            return html.Add($"<p>No test image was taken for one of another class.</p>").ToMarkup();
        html.Add($"""
            <h3>Most frequent confusions</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Most frequent confusions">
            <table class="figures"><caption>The {most.Length} most frequent, of {confusion.Confusions.Count()} that occur</caption>
            <thead><tr><th scope="col" class="text">True class</th><th scope="col" class="text">Taken for</th><th scope="col">Images</th><th scope="col">Of the class</th></tr></thead>
            <tbody>

            """);
        foreach (var (truth, predicted, count) in most)
            html.Add($"<tr><th scope=\"row\" class=\"text\">{Html.Name(nameOf(truth))}</th><td class=\"text\">{Html.Name(nameOf(predicted))}</td><td>{count:N0}</td><td>{Html.Percent((double)count / confusion.Support(truth))}</td></tr>\n");
        return html.Add($"</tbody></table></div>").ToMarkup();
    }
}
