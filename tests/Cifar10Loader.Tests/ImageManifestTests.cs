using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class ImageManifestTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("images/1.png\tdog\nimages/2.png\tcat\n", DisplayName = "TSV without header")]
    [DataRow("images/1.png,dog\nimages/2.png,cat", DisplayName = "CSV without header, no last line end")]
    [DataRow("ImagePath\tLabel\nimages/1.png\tdog\nimages/2.png\tcat\n", DisplayName = "TSV with header")]
    [DataRow("id,class,FILENAME\r\n7,dog,images/1.png\r\n8,cat,images/2.png\r\n", DisplayName = "CSV with further columns, another order, CRLF")]
    [DataRow("\uFEFFpath,label\n\n\"images/1.png\", dog \n\"images/2.png\",\"cat\"\n\n", DisplayName = "Byte order mark, quotes, blanks")]
    public void Paths_and_labels_are_read_in_line_order(string text)
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.txt", text);

        IDataView data = ImageManifest.Load(_mlContext, manifest);

        CollectionAssert.AreEqual(new[] { "cat", "dog" }, data.GetClassNames().ToArray());
        CollectionAssert.AreEqual(new List<uint> { 2, 1 }, Rows.Keys(data));
        CollectionAssert.AreEqual(new List<string> { "dog", "cat" }, Rows.Texts(data, "ClassName"));
        CollectionAssert.AreEqual(
            new List<string> { directory.At("images", "1.png"), directory.At("images", "2.png") }, Rows.Texts(data, "ImagePath"));
    }

    [TestMethod]
    public void Absolute_paths_and_another_image_folder_are_followed()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("lists/train.csv", $"1.png,dog\n{directory.At("images", "2.png")},cat\n");

        IDataView data = ImageManifest.Load(_mlContext, manifest, imageFolder: directory.At("images"));

        CollectionAssert.AreEqual(
            new List<string> { directory.At("images", "1.png"), directory.At("images", "2.png") }, Rows.Texts(data, "ImagePath"));
    }

    [TestMethod]
    public void Quoted_values_may_hold_separators_and_quotes()
    {
        using var directory = new TempFolder();
        directory.Write("a,b.png", "image");
        string manifest = directory.Write("list.csv", "\"a,b.png\",\"the \"\"big\"\" one\"\n");

        IDataView data = ImageManifest.Load(_mlContext, manifest);

        CollectionAssert.AreEqual(new List<string> { "the \"big\" one" }, Rows.Texts(data, "ClassName"));
    }

    [TestMethod]
    public void Given_class_names_fix_the_label_order()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.csv", "images/1.png,dog\n");

        IDataView data = ImageManifest.Load(_mlContext, manifest, classNames: ["cow", "dog"]);

        CollectionAssert.AreEqual(new List<uint> { 2 }, Rows.Keys(data));
    }

    [TestMethod]
    public void Everything_wrong_is_listed_at_once_with_its_line()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        directory.Write("images/empty.png", "");
        string manifest = directory.Write(
            "list.csv",
            "path,label\nimages/1.png,dog\nimages/3.png,dog\nimages/4.png,cat\n./images/1.png,cat\nimages/2.png\n,cat\n" +
            "images/2.png,\n\"images/2.png,dog\nimages/empty.png,dog\n");

        AssertProblems(
            manifest,
            [
                "line 3: 'images/3.png': no such file",
                "line 4: 'images/4.png': no such file",
                "line 5: './images/1.png' is listed twice, first in line 2",
                "line 6: 1 value; expected a path and a label",
                "line 7: the path is empty",
                "line 8: the label is empty",
                "line 9: a quote is not closed, or text follows it",
                "line 10: 'images/empty.png': the file is empty",
            ],
            $"Relative paths start from '{directory.Path}'.");
    }

    [TestMethod]
    public void Many_missing_files_are_counted_and_the_first_fifty_listed()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string lines = string.Concat(Enumerable.Range(0, 60).Select(i => $"gone{i}.png,dog\n"));
        string manifest = directory.Write("list.csv", "images/1.png,dog\n" + lines);

        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Load(_mlContext, manifest));

        StringAssert.StartsWith(e.Message, $"'{manifest}' has 60 problems:\n  line 2: 'gone0.png': no such file\n");
        StringAssert.Contains(e.Message, "\n  line 51: 'gone49.png': no such file\n  ... and 10 more\n");
    }

    [TestMethod]
    public void Header_with_unknown_names_is_recognised_as_a_likely_cause()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.csv", "bild,klasse\nimages/1.png,dog\n");
        AssertProblems(
            manifest, ["line 1: 'bild': no such file"], "If line 1 is a header, call its columns ImagePath and Label.");
    }

    [TestMethod]
    public void Labels_that_differ_only_in_case_are_refused()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.csv", "images/1.png,dog\nimages/2.png,Dog\n");
        AssertProblems(
            manifest,
            ["the classes 'Dog', 'dog' differ only in case; rename or merge them"],
            $"Relative paths start from '{directory.Path}'.");
    }

    [TestMethod]
    public void Empty_manifest_is_refused()
    {
        using var directory = new TempFolder();
        string manifest = directory.Write("list.csv", "path,label\n");
        AssertProblems(
            manifest,
            ["no images listed; expected lines of a path and a label"],
            $"Relative paths start from '{directory.Path}'.");
    }

    [TestMethod]
    public void Text_that_is_not_utf8_is_refused()
    {
        using var directory = new TempFolder();
        string manifest = directory.Write("list.csv", [.. "images/1.png,caf"u8, 0xe9, (byte)'\n']);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Load(_mlContext, manifest));
        Assert.AreEqual($"'{manifest}' is not UTF-8 text (at or after line 1). Save it as UTF-8.", e.Message);
    }

    [TestMethod]
    public void Missing_manifest_is_named()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => ImageManifest.Load(_mlContext, directory.At("list.csv")));
        Assert.AreEqual($"The manifest '{directory.At("list.csv")}' does not exist.", e.Message);
    }

    private static void WriteImages(TempFolder directory)
    {
        directory.Write("images/1.png", "image");
        directory.Write("images/2.png", "image");
    }

    private void AssertProblems(string manifest, string[] problems, string advice)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Load(_mlContext, manifest));
        string count = problems.Length == 1 ? "1 problem" : $"{problems.Length} problems";
        Assert.AreEqual(
            $"'{manifest}' has {count}:" + string.Concat(problems.Select(problem => "\n  " + problem)) + "\n" + advice, e.Message);
    }
}
