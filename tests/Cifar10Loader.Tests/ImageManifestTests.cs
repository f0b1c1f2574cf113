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
    [DataRow("images/1.png, \"dog\"\n \"images/2.png\" ,\"cat\"\n", DisplayName = "Blanks before quotes")]
    [DataRow("\"path\", \"label\"\nimages/1.png, dog\nimages/2.png, cat\n", DisplayName = "Quoted header with blanks")]
    [DataRow("path;label\nimages/1.png;dog\nimages/2.png;cat\n", DisplayName = "Semicolons")]
    [DataRow("Image_paths,Labels\nimages/1.png,dog\nimages/2.png,cat\n", DisplayName = "Header in the plural")]
    [DataRow("filepaths,labels,data set,class id\nimages/1.png,dog,train,1\nimages/2.png,cat,train,0\n", DisplayName = "Four columns")]
    [DataRow("images\\1.png,dog\nimages\\2.png,cat\n", DisplayName = "Paths written on Windows")]
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
        string manifest = directory.Write(
            "list.csv",
            "path,label\nimages/1.png,dog\nimages/3.png,dog\nimages/4.png,cat\n./images/1.png,dog\nimages/2.png\n,cat\n" +
            "images/2.png,\n\"images/2.png,dog\nimages/1.png,cat\n");

        AssertProblems(
            manifest,
            [
                "line 3: 'images/3.png': no such file",
                "line 4: 'images/4.png': no such file",
                "line 5: './images/1.png' is listed twice, first in line 2; delete it, or set allowRepeats",
                "line 6: 1 value; expected a path and a label",
                "line 7, column 1: the path is empty",
                "line 8, column 2: the label is empty",
                "line 9: a quote is not closed, or text follows it",
                "line 10: 'images/1.png' is 'cat' here and 'dog' in line 2; delete one of the lines",
            ],
            $"Relative paths start from '{directory.Path}'; skipMissing leaves missing files out.");
    }

    [TestMethod]
    public void Many_missing_files_are_counted_and_the_first_ten_listed()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string lines = string.Concat(Enumerable.Range(0, 60).Select(i => $"gone{i}.png,dog\n"));
        string manifest = directory.Write("list.csv", "images/1.png,dog\n" + lines);

        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Load(_mlContext, manifest));

        StringAssert.StartsWith(e.Message, $"'{manifest}' has 60 problems:\n  line 2: 'gone0.png': no such file\n");
        StringAssert.Contains(e.Message, "\n  line 11: 'gone9.png': no such file\n  ... and 50 more\n");
    }

    [TestMethod]
    public void Header_with_unknown_names_is_recognized_as_a_likely_cause()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.csv", "bild,klasse\nimages/1.png,dog\n");
        AssertProblems(
            manifest,
            ["line 1: 'bild': no such file"],
            "If line 1 is a header, name its columns: pathColumn: \"bild\", labelColumn: \"klasse\". " +
            $"Relative paths start from '{directory.Path}'; skipMissing leaves missing files out.");
    }

    [TestMethod]
    public void Columns_of_any_name_and_bare_ids_are_read_where_they_are_named()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("labels.csv", "id,when,breed\n1,2020,dog\n2.png,2021,cat\n");

        IDataView data = ImageManifest.Load(
            _mlContext, manifest, directory.At("images"), pathColumn: "ID", labelColumn: "breed", pathSuffix: ".png");

        CollectionAssert.AreEqual(new List<string> { "dog", "cat" }, Rows.Texts(data, "ClassName"));
        Assert.AreEqual(directory.At("images", "1.png"), Rows.Texts(data, "ImagePath")[0]);
    }

    [TestMethod]
    public void Suffix_that_would_help_is_told_with_the_columns_found()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("images/labels.csv", "id,breed\n1,dog\n2,cat\n");
        AssertProblems(
            manifest,
            ["line 1: 'id': no such file", "line 2: '1': no such file", "line 3: '2': no such file"],
            "If line 1 is a header, name its columns: pathColumn: \"id\", labelColumn: \"breed\". Relative paths start from " +
            $"'{directory.At("images")}'; skipMissing leaves missing files out. With pathSuffix: \".png\" there are files.");
    }

    [TestMethod]
    [DataRow("a,b,c\n", null, null, "the columns are 'a', 'b', 'c'; which of them are the path and the label? Name them by pathColumn and labelColumn, ")]
    [DataRow("path label\n", null, null, "the column is 'path label'; which of them are the path and the label? ")]
    [DataRow("id,breed\n", "id", null, "the columns are 'id', 'breed'; which of them is the label? Name it by labelColumn.")]
    [DataRow("file,class,label\n", null, null, "the columns are 'file', 'class', 'label'; which of them is the label? Name it by labelColumn.")]
    [DataRow("id,label\n", "path", null, "the columns are 'id', 'label'; there is no 'path', which pathColumn names. Correct pathColumn.")]
    public void Columns_that_cannot_be_told_are_listed_with_the_way_to_name_them(
        string text, string? pathColumn, string? labelColumn, string expected)
    {
        using var directory = new TempFolder();
        string manifest = directory.Write("list.csv", text);
        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => ImageManifest.Load(_mlContext, manifest, pathColumn: pathColumn, labelColumn: labelColumn));
        StringAssert.StartsWith(e.Message, $"'{manifest}', line 1: {expected}");
    }

    [TestMethod]
    public void Image_that_is_listed_twice_on_purpose_makes_two_rows()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.csv", "images/1.png,dog\nimages/2.png,cat\nimages/2.png,cat\n");

        IDataView data = ImageManifest.Load(_mlContext, manifest, allowRepeats: true);

        CollectionAssert.AreEqual(new List<uint> { 2, 1, 1 }, Rows.Keys(data));
    }

    [TestMethod]
    public void Missing_files_are_left_out_and_told_where_that_is_wanted()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string lines = string.Concat(Enumerable.Range(0, 200).Select(i => $"gone{i}.png,dog\n"));
        string manifest = directory.Write("list.csv", "path,label\n" + lines + "images/1.png,dog\n");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageManifest.Load(_mlContext, manifest, skipMissing: true);

        Assert.AreEqual(1L, data.GetRowCount());
        CollectionAssert.AreEqual(
            new List<string> { $"'{manifest}': missing files left out: 200 (gone0.png, gone1.png, gone2.png, gone3.png, gone4.png, ...)" },
            warnings.Messages);
    }

    [TestMethod]
    public void Files_of_other_formats_are_left_out_and_empty_ones_kept_and_both_are_told()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        directory.Write("images/notes.txt", "text");
        directory.Write("images/scan.TIF", "image");
        directory.Write("images/empty.png", "");
        string manifest = directory.Write(
            "list.csv", "images/1.png,dog\nimages/notes.txt,dog\nimages/scan.TIF,dog\nimages/empty.png,dog\n");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageManifest.Load(_mlContext, manifest);

        CollectionAssert.AreEqual(
            new List<string> { directory.At("images", "1.png"), directory.At("images", "empty.png") }, Rows.Texts(data, "ImagePath"));
        CollectionAssert.AreEqual(
            new List<string>
            {
                $"'{manifest}': .txt files left out, a format that cannot be decoded: 1 (images/notes.txt)",
                $"'{manifest}': .tif files left out, a format that cannot be decoded: 1 (images/scan.TIF)",
                $"'{manifest}': empty files kept, which will not decode: 1 (images/empty.png)",
            },
            warnings.Messages);
    }

    [TestMethod]
    public void Zero_bytes_in_a_path_are_refused_as_the_wrong_encoding()
    {
        using var directory = new TempFolder();
        string manifest = directory.Write("list.csv", "path,label\ni\0m\0,dog\n");
        AssertProblems(
            manifest,
            ["line 2, column 1: the path has a zero byte; save the text as UTF-8", "no images listed; expected lines of a path and a label"],
            advice: "");
    }

    [TestMethod]
    public void Utf16_with_its_byte_order_mark_is_read()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string text = "path\tlabel\r\nimages/1.png\tchâteau\r\n";
        string manifest = directory.Write("list.txt", [0xff, 0xfe, .. System.Text.Encoding.Unicode.GetBytes(text)]);

        CollectionAssert.AreEqual(new List<string> { "château" }, Rows.Texts(ImageManifest.Load(_mlContext, manifest), "ClassName"));
    }

    [TestMethod]
    public void Labels_that_differ_only_in_case_are_refused()
    {
        using var directory = new TempFolder();
        WriteImages(directory);
        string manifest = directory.Write("list.csv", "images/1.png,dog\nimages/2.png,Dog\n");
        AssertProblems(
            manifest,
            ["the classes 'Dog' and 'dog', which differ only in case. Rename one of them."],
            advice: "");
    }

    [TestMethod]
    public void Empty_manifest_is_refused()
    {
        using var directory = new TempFolder();
        string manifest = directory.Write("list.csv", "path,label\n");
        AssertProblems(
            manifest,
            ["no images listed; expected lines of a path and a label"],
            advice: "");
    }

    [TestMethod]
    public void Text_that_is_not_utf8_is_refused()
    {
        using var directory = new TempFolder();
        string manifest = directory.Write("list.csv", [.. "images/1.png,dog\nimages/2.png,caf"u8, 0xe9, (byte)'\n']);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Load(_mlContext, manifest));
        Assert.AreEqual($"'{manifest}' is not UTF-8 text: line 2 has the byte 0xe9. Save it as UTF-8.", e.Message);
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
            $"'{manifest}' has {count}:" + string.Concat(problems.Select(problem => "\n  " + problem)) + (advice == "" ? "" : "\n" + advice),
            e.Message);
    }
}
