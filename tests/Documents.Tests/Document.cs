using System.Text.RegularExpressions;

namespace Documents.Tests;

/// <summary>A page of Markdown, by its path from the repository's root.</summary>
internal sealed partial class Document(string path)
{
    private readonly string _text = File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>The folder of MlNetCnn.sln, above the folder that the tests run in.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The pages that people read in the repository.</summary>
    public static IEnumerable<string> Paths =>
        from folder in new[] { "", "docs" }
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md")
        select Path.GetRelativePath(Root, file);

    /// <summary>The C# blocks and the lines they begin at.</summary>
    public IEnumerable<(int Line, string Code)> CSharp =>
        Fence().Matches(_text).Where(block => block.Groups["language"].Value == "csharp")
            .Select(block => (_text[..block.Groups["code"].Index].Count(c => c == '\n') + 1, block.Groups["code"].Value));

    /// <summary>Where links and pictures point to.</summary>
    public IEnumerable<string> Links => Link().Matches(Prose).Select(link => link.Groups["target"].Value);

    /// <summary>The names by which GitHub lets links reach the headings.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(Prose).Select(heading =>
        NoPartOfAnchor().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    private string Prose => Fence().Replace(_text, "");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlNetCnn.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds MlNetCnn.sln; run these tests from the repository's build output.");
    }

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoPartOfAnchor();
}
