using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace MlNet.ImageClassification.Reports;

/// <summary>Markup as it is; everything else that is put into a page is escaped.</summary>
internal readonly record struct Markup(string Text)
{
    public override string ToString() => Text;
}

/// <summary>Writes a page: the holes of an interpolated string are escaped, its literal parts are the page's markup.</summary>
internal sealed class Html
{
    private readonly StringBuilder _page = new();

    public Html Add([InterpolatedStringHandlerArgument("")] ref Handler _) => this;

    public Html Add(Markup markup)
    {
        _page.Append(markup.Text);
        return this;
    }

    public Markup ToMarkup() => new(_page.ToString());

    public override string ToString() => _page.ToString();

    /// <summary>Escapes text for elements and quoted attributes; what HTML has no place for becomes a replacement character.</summary>
    public static string Escape(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append((Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? Rune.ReplacementChar : rune).ToString());
        return WebUtility.HtmlEncode(clean.ToString());
    }

    /// <summary>Text of others than the page's author: a direction or an override in it ends with it.</summary>
    public static Markup Name(string text) => new($"<bdi>{Escape(text)}</bdi>");

    public static string Percent(double? share) =>
        share is double number && double.IsFinite(number) ? string.Create(CultureInfo.InvariantCulture, $"{100 * number:0.0}\u00a0%") : "–";

    public static string Shorten(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";

    [InterpolatedStringHandler]
    internal readonly ref struct Handler
    {
        private readonly StringBuilder _page;

        // What the compiler calls; the sizes are estimates that a page under way needs not.
        public Handler(int literalLength, int formattedCount, Html html)
        {
            _ = literalLength + formattedCount;
            _page = html._page;
        }

        public void AppendLiteral(string markup) => _page.Append(markup);

        public void AppendFormatted(Markup markup) => _page.Append(markup.Text);

        public void AppendFormatted<T>(T value, string? format = null) => _page.Append(Escape(
            value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? ""));
    }
}
