using System.Collections;
using System.Globalization;
using System.Reflection;

namespace MlNet.ImageClassification.Reports;

/// <summary>The options of the training, with what they left open filled in.</summary>
internal static class OptionsSection
{
    // Data and calls of the application, of which nothing can be told.
    private static readonly string[] NotTold =
    [
        nameof(ImageClassificationOptions.ValidationSet), nameof(ImageClassificationOptions.MetricsCallback),
        nameof(ImageClassificationOptions.Progress), nameof(ImageClassificationOptions.CancellationToken),
    ];

    public static Markup Write(TrainingReport? report)
    {
        var html = new Html();
        if (report?.Options is not { } options)
            return html.Add($"<p class=\"note\">A model that was loaded does not tell its options.</p>").ToMarkup();
        html.Add($"""
            <p>What was left open is shown as it was chosen. The same options, data and versions on the same machine give the same network again.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Options">
            <table class="figures options"><caption>{options.GetType().Name}</caption>
            <thead><tr><th scope="col" class="text">Option</th><th scope="col" class="text">Value</th></tr></thead>
            <tbody>

            """);
        foreach (var (name, value) in Describe(options, ""))
            html.Add($"<tr><th scope=\"row\" class=\"text\"><code>{name}</code></th><td class=\"text\">{value}</td></tr>\n");
        return html.Add($"</tbody></table></div>").ToMarkup();
    }

    /// <summary>Names and values; those of a recipe and the like one by one.</summary>
    public static IEnumerable<(string Name, string Value)> Describe(object options, string prefix)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && property.GetIndexParameters().Length == 0 && !NotTold.Contains(property.Name)))
        {
            object? value = property.GetValue(options);
            string name = prefix + property.Name;
            bool isOwn = value is not null && value.GetType().Assembly.GetName().Name!.StartsWith("MlNet.", StringComparison.Ordinal);
            var parts = isOwn && !value!.GetType().IsEnum ? Describe(value, name + ".").ToArray() : [];
            if (parts.Length == 0 || value is ChannelNormalization)
            {
                yield return (name, Text(value));
                continue;
            }
            yield return (name, value!.GetType().Name);
            foreach (var part in parts)
                yield return part;
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        ChannelNormalization normalization => normalization.ToString()!,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Text)),
        // A record without options of its own writes empty braces.
        _ => value.ToString()!.Replace(" { }", ""),
    };
}
