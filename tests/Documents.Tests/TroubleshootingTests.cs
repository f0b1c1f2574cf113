using System.Text.RegularExpressions;

namespace Documents.Tests;

/// <summary>The page is searched by the words of a message, so they must be the words of today's code.</summary>
[TestClass]
public sealed partial class TroubleshootingTests
{
    // Exceptions of .NET's, and the beginning that all options share.
    private static readonly string[] NotOurs = ["MethodAccessException", "TypeLoadException", "MissingMethodException"];

    private static readonly string Sources = ReadSources();

    [TestMethod]
    public void The_messages_it_quotes_are_those_of_the_code()
    {
        var page = File.ReadAllText(Path.Combine(Document.Root, "docs/troubleshooting.md"));
        var unknown =
            from row in page.Split('\n')
            where row.StartsWith("| `", StringComparison.Ordinal)
            from quote in Quote().Matches(row.Split('|')[1]).Select(match => match.Groups["words"].Value)
            where !NotOurs.Contains(quote)
            from words in quote.Split('…', StringSplitOptions.TrimEntries)
            where !Sources.Contains(words, StringComparison.Ordinal)
            select words;

        Assert.AreEqual("", string.Join("\n", unknown));
    }

    // With the pieces of each message joined and the names of options written out.
    private static string ReadSources()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Document.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Append(Path.Combine(Document.Root, "eng/TorchBackend.targets"));
        var text = string.Join("\n", files.Select(File.ReadAllText));
        return NameOf().Replace(Seam().Replace(text, ""), "${name}");
    }

    [GeneratedRegex("`(?<words>[^`]+)`")]
    private static partial Regex Quote();

    [GeneratedRegex(@"""\s*\+\s*\$?""")]
    private static partial Regex Seam();

    [GeneratedRegex(@"\{nameof\((\w+\.)*(?<name>\w+)\)\}")]
    private static partial Regex NameOf();
}
