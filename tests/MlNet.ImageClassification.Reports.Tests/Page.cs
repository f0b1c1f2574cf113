using System.Net;
using System.Text.RegularExpressions;

namespace MlNet.ImageClassification.Reports.Tests;

/// <summary>A page as a reader's browser takes it: elements with attributes, and what must hold for every page.</summary>
internal sealed partial class Page
{
    private static readonly string[] Void = ["meta", "img", "link", "br", "hr", "input", "rect", "line"];

    private Page(string html, List<(string Name, Dictionary<string, string> Attributes)> elements) => (Html, Elements) = (html, elements);

    public string Html { get; }

    public List<(string Name, Dictionary<string, string> Attributes)> Elements { get; }

    /// <summary>The page without its markup.</summary>
    public string Text => WebUtility.HtmlDecode(Tag().Replace(Html[Html.IndexOf("<body>", StringComparison.Ordinal)..], " "));

    public static Page Read(string path)
    {
        string html = File.ReadAllText(path);
        var elements = new List<(string, Dictionary<string, string>)>();
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(html))
        {
            string name = tag.Groups["name"].Value.ToLowerInvariant();
            if (tag.Groups["close"].Success)
                Assert.AreEqual(open.Pop(), name, html[Math.Max(0, tag.Index - 200)..tag.Index]);
            else
            {
                elements.Add((name, Attribute().Matches(tag.Groups["attributes"].Value)
                    .ToDictionary(a => a.Groups["name"].Value, a => WebUtility.HtmlDecode(a.Groups["value"].Value))));
                if (!Void.Contains(name) && !tag.Value.EndsWith("/>", StringComparison.Ordinal))
                    open.Push(name);
            }
        }
        Assert.IsEmpty(open);
        var page = new Page(html, elements);
        page.AssertHolds();
        return page;
    }

    public IEnumerable<Dictionary<string, string>> All(string name, string? @class = null) => Elements
        .Where(e => e.Name == name && (@class is null || e.Attributes.GetValueOrDefault("class", "").Split(' ').Contains(@class)))
        .Select(e => e.Attributes);

    private void AssertHolds()
    {
        // One file that runs nothing and fetches nothing.
        Assert.IsFalse(Elements.Any(e => e.Name is "script" or "link" or "iframe" or "object" or "form"));
        Assert.IsFalse(Elements.Any(e => e.Attributes.Keys.Any(a => a.StartsWith("on", StringComparison.OrdinalIgnoreCase))));
        foreach (var (name, attributes) in Elements)
            foreach (string link in new[] { "src", "href", "xlink:href" }.Where(attributes.ContainsKey).Select(a => attributes[a]))
                Assert.IsTrue(link.StartsWith("data:image/", StringComparison.Ordinal) || link.StartsWith('#'), $"{name} {link}");
        Assert.DoesNotContain("@import", Html);

        string[] ids = [.. Elements.Where(e => e.Attributes.ContainsKey("id")).Select(e => e.Attributes["id"])];
        CollectionAssert.AllItemsAreUnique(ids);
        foreach (var link in All("a"))
            CollectionAssert.Contains(ids, link["href"][1..]);
        foreach (Match clip in ClipReference().Matches(Html))
            CollectionAssert.Contains(ids, clip.Groups[1].Value);

        // For those who cannot see it, or have no mouse.
        Assert.AreEqual("en", All("html").Single()["lang"]);
        Assert.HasCount(1, All("h1"));
        foreach (var image in All("img"))
            Assert.AreNotEqual("", image["alt"]);
        foreach (var chart in All("svg"))
            Assert.IsTrue(chart["role"] == "img" && chart["aria-label"].Length > 20);
        foreach (var header in All("th"))
            Assert.IsTrue(header["scope"] is "row" or "col");
        Assert.HasCount(All("table").Count(), All("caption"));
        foreach (var scroll in All("div", "scroll"))
            Assert.IsTrue(scroll["tabindex"] == "0" && scroll["role"] == "region" && scroll["aria-label"] != "");

        // Every color has a dark twin.
        Assert.DoesNotContain("rgb(", Html);
    }

    // An attribute's value may hold a '>'.
    [GeneratedRegex("""<(?<close>/)?(?<name>[a-zA-Z][a-zA-Z0-9]*)(?<attributes>(?:\s+[^\s=>/"]+(?:="[^"]*")?)*)\s*/?>""")]
    private static partial Regex Tag();

    [GeneratedRegex("(?<name>[^\\s=\"]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"url\(#([^)]+)\)")]
    private static partial Regex ClipReference();
}
