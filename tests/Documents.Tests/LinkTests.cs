namespace Documents.Tests;

[TestClass]
public sealed class LinkTests
{
    public static IEnumerable<string> Paths => Document.Paths;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Links_within_the_repository_lead_to_files_and_headings_that_exist(string path)
    {
        var broken = new Document(path).Links.Where(link => !link.Contains("://", StringComparison.Ordinal) && !IsWhole(path, link));

        Assert.AreEqual("", string.Join(", ", broken));
    }

    [TestMethod]
    [DataRow("README.md#install", true)]
    [DataRow("README.md#no-such-heading", false)]
    [DataRow("docs/no-such-page.md", false)]
    [DataRow("docs", true)]
    public void A_link_is_whole_where_its_file_and_its_heading_exist(string link, bool isWhole) =>
        Assert.AreEqual(isWhole, IsWhole("README.md", link));

    private static bool IsWhole(string page, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0] == "" ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        var file = Path.GetFullPath(target, Document.Root);
        return parts is [_, var anchor]
            ? File.Exists(file) && new Document(target).Anchors.Contains(anchor)
            : File.Exists(file) || Directory.Exists(file);
    }
}
