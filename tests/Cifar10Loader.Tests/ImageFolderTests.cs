using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class ImageFolderTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Sub_folders_are_classes_and_images_are_found_at_any_depth_in_stable_order()
    {
        using var directory = new TempFolder();
        foreach (string path in new[] { "dog/b.JPG", "dog/a.png", "cat/young/2021/x.Jpeg", "cat/z.bmp", "Zebra/1.jfif" })
            directory.Write(path, "image");
        directory.Write("dog/notes.txt", "no image");
        directory.Write("dog/.hidden.jpg", "hidden");
        directory.Write(".git/x.jpg", "hidden");

        IDataView data = ImageFolder.Load(_mlContext, directory.Path);

        CollectionAssert.AreEqual(new[] { "Label", "ClassName", "ImagePath" }, data.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "Zebra", "cat", "dog" }, data.GetClassNames().ToArray());
        CollectionAssert.AreEqual(new List<uint> { 1, 2, 2, 3, 3 }, Rows.Keys(data));
        CollectionAssert.AreEqual(new List<string> { "Zebra", "cat", "cat", "dog", "dog" }, Rows.Texts(data, "ClassName"));
        CollectionAssert.AreEqual(
            new List<string>
            {
                directory.At("Zebra", "1.jfif"), directory.At("cat", "z.bmp"), directory.At("cat", "young", "2021", "x.Jpeg"),
                directory.At("dog", "a.png"), directory.At("dog", "b.JPG"),
            },
            Rows.Texts(data, "ImagePath"));
        Assert.AreEqual(5L, data.GetRowCount());
    }

    [TestMethod]
    public void Given_class_names_keep_labels_the_same_where_a_class_is_missing()
    {
        using var directory = new TempFolder();
        directory.Write("train/cat/1.png", "image");
        directory.Write("train/dog/1.png", "image");
        directory.Write("test/dog/1.png", "image");

        IReadOnlyList<string> names = ImageFolder.Load(_mlContext, directory.At("train")).GetClassNames();
        IDataView test = ImageFolder.Load(_mlContext, directory.At("test"), names);

        CollectionAssert.AreEqual(new List<uint> { 2 }, Rows.Keys(test));
        Assert.AreEqual(2UL, ((KeyDataViewType)test.Schema["Label"].Type).Count);
    }

    [TestMethod]
    public void Class_that_is_not_among_the_given_names_is_refused()
    {
        using var directory = new TempFolder();
        directory.Write("dog/1.png", "image");
        AssertProblems(directory, ["the class 'dog' is not among the given class names cat, cow"], ["cat", "cow"]);
    }

    [TestMethod]
    [DataRow("train", "test")]
    [DataRow("Validation", "Training", "test")]
    [DataRow("train")]
    public void Folders_of_splits_are_not_taken_for_classes(params string[] splits)
    {
        using var directory = new TempFolder();
        foreach (string split in splits)
        {
            directory.Write($"{split}/cat/1.png", "image");
            directory.Write($"{split}/dog/1.png", "image");
        }

        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Load(_mlContext, directory.Path));

        string training = splits.First(split => split.StartsWith("train", StringComparison.OrdinalIgnoreCase));
        StringAssert.StartsWith(e.Message, $"'{directory.Path}' holds the split");
        StringAssert.Contains(e.Message, $"not class folders. Load '{directory.At(training)}', and each other split by a call of its own");
        foreach (string split in splits)
            StringAssert.Contains(e.Message, split);
    }

    [TestMethod]
    public void Folders_named_like_splits_are_classes_where_the_class_names_say_so()
    {
        using var directory = new TempFolder();
        directory.Write("train/1.png", "image");
        directory.Write("test/1.png", "image");
        directory.Write("vehicles/train/1.png", "image");
        directory.Write("vehicles/plane/1.png", "image");

        Assert.AreEqual(2L, ImageFolder.Load(_mlContext, directory.At("vehicles")).GetRowCount());
        Directory.Delete(directory.At("vehicles"), recursive: true);
        Assert.AreEqual(2L, ImageFolder.Load(_mlContext, directory.Path, ["train", "test"]).GetRowCount());
    }

    [TestMethod]
    public void Three_hundred_classes_load_with_and_without_their_names_given()
    {
        using var directory = new TempFolder();
        for (int i = 0; i < 300; i++)
            directory.Write($"class{i:D3}/1.png", "image");

        IReadOnlyList<string> names = ImageFolder.Load(_mlContext, directory.Path).GetClassNames();
        IDataView again = ImageFolder.Load(_mlContext, directory.Path, names);

        Assert.HasCount(300, names);
        Assert.AreEqual(300u, Rows.Keys(again)[^1]);
    }

    [TestMethod]
    [DataRow(new[] { "cat", null }, "classNames[1] is null; a class has a name.")]
    [DataRow(new[] { "", "cat" }, "classNames[0] is ''; a class has a name.")]
    [DataRow(new[] { "cat", "dog", "cat" }, "classNames has the classes 'cat' and 'cat', which are the same. Rename one of them.")]
    [DataRow(new string[0], "classNames is empty; leave it null to take the classes that are found.")]
    public void Class_names_that_name_no_class_are_refused(string[] classNames, string expected)
    {
        using var directory = new TempFolder();
        directory.Write("cat/1.png", "image");
        var e = Assert.ThrowsExactly<ArgumentException>(() => ImageFolder.Load(_mlContext, directory.Path, classNames));
        StringAssert.StartsWith(e.Message, expected);
    }

    [TestMethod]
    public void Class_without_images_has_no_rows_where_the_class_names_name_it()
    {
        using var directory = new TempFolder();
        directory.Write("cat/1.png", "image");
        Directory.CreateDirectory(directory.At("cow"));
        Directory.CreateDirectory(directory.At("annotations"));
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageFolder.Load(_mlContext, directory.Path, ["cat", "cow", "dog"]);

        CollectionAssert.AreEqual(new List<uint> { 1 }, Rows.Keys(data));
        Assert.HasCount(3, data.GetClassNames());
        CollectionAssert.AreEqual(
            new List<string>
            {
                $"'{directory.Path}': folders without an image left out: 1 (annotations)",
                $"'{directory.Path}': classes without an image: 2 (cow, dog)",
            },
            warnings.Messages);
    }

    [TestMethod]
    public void One_folder_around_the_class_folders_is_told()
    {
        using var directory = new TempFolder();
        directory.Write("flowers/daisy/1.png", "image");
        directory.Write("flowers/rose/1.png", "image");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageFolder.Load(_mlContext, directory.Path);

        CollectionAssert.AreEqual(new List<uint> { 1, 1 }, Rows.Keys(data));
        StringAssert.StartsWith(warnings.Messages.Single(), $"'{directory.Path}': all images are of the one class 'flowers'");
        StringAssert.EndsWith(warnings.Messages.Single(), $"load '{directory.At("flowers")}'.");
    }

    [TestMethod]
    public void What_cannot_be_decoded_is_left_out_and_counted_by_extension()
    {
        using var directory = new TempFolder();
        foreach (string name in new[] { "1.jpg", "2.webp", "3.gif", "4.ico", "5.wbmp", "6.tif", "7.tif", "8.AVIF", "9.heic", "readme" })
            directory.Write($"cat/{name}", "image");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageFolder.Load(_mlContext, directory.Path);

        Assert.AreEqual(5L, data.GetRowCount());
        CollectionAssert.AreEqual(
            new List<string>
            {
                $"'{directory.Path}': .tif files left out, a format that cannot be decoded: 2 (cat/6.tif, cat/7.tif)",
                $"'{directory.Path}': .avif files left out, a format that cannot be decoded: 1 (cat/8.AVIF)",
                $"'{directory.Path}': .heic files left out, a format that cannot be decoded: 1 (cat/9.heic)",
                $"'{directory.Path}': files without an extension left out: 1 (cat/readme)",
            },
            warnings.Messages);
    }

    [TestMethod]
    public void Formats_that_are_loaded_are_those_that_decode()
    {
        using var directory = new TempFolder();
        var white = new RgbImage(1, 1, [255, 255, 255]);
        using SKImage image = white.ToSkia();
        byte[] png = white.EncodePng();
        byte[] jpeg = image.Encode(SKEncodedImageFormat.Jpeg, 90).ToArray();
        byte[] bmp = [.. "BM"u8, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, .. new byte[24], 255, 255, 255, 0];
        byte[] ico = [0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, (byte)png.Length, 0, 0, 0, 22, 0, 0, 0, .. png];
        var files = new Dictionary<string, byte[]>
        {
            [".jpg"] = jpeg,
            [".jpeg"] = jpeg,
            [".jpe"] = jpeg,
            [".jfif"] = jpeg,
            [".png"] = png,
            [".bmp"] = bmp,
            [".ico"] = ico,
            [".webp"] = image.Encode(SKEncodedImageFormat.Webp, 100).ToArray(),
            [".gif"] = Convert.FromBase64String("R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="),
            [".wbmp"] = [0, 0, 1, 1, 0x80],
        };
        CollectionAssert.AreEquivalent(ImageFiles.Extensions.ToArray(), files.Keys.ToArray());
        foreach ((string extension, byte[] bytes) in files)
            CollectionAssert.AreEqual(white.Pixels, RgbImage.Read(directory.Write("white" + extension, bytes)).Pixels, extension);
    }

    [TestMethod]
    public void Folders_and_files_of_operating_systems_are_left_out_and_told()
    {
        using var directory = new TempFolder();
        directory.Write("cat/x.jpg", "image");
        directory.Write("cat/@eaDir/x.jpg/THUMB.jpg", "thumbnail");
        directory.Write("cat/Thumbs.db", "thumbnails");
        directory.Write("cat/._x.jpg", "resource fork");
        directory.Write("__MACOSX/cat/._x.jpg", "resource fork");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageFolder.Load(_mlContext, directory.Path);

        CollectionAssert.AreEqual(new List<string> { directory.At("cat", "x.jpg") }, Rows.Texts(data, "ImagePath"));
        CollectionAssert.AreEqual(
            new List<string>
            {
                $"'{directory.Path}': hidden or system files and folders left out: 4 (__MACOSX, cat/._x.jpg, cat/Thumbs.db, cat/@eaDir)",
            },
            warnings.Messages);
    }

    [TestMethod]
    public void Filter_says_which_images_to_take()
    {
        using var directory = new TempFolder();
        directory.Write("cat/1.png", "image");
        directory.Write("cat/masks/1.png", "mask");
        directory.Write("overlays/1.png", "image");
        directory.Write("preview.png", "image");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageFolder.Load(
            _mlContext, directory.Path, filter: path => path.StartsWith("cat/") && !path.Contains("/masks/"));

        CollectionAssert.AreEqual(new List<string> { directory.At("cat", "1.png") }, Rows.Texts(data, "ImagePath"));
        CollectionAssert.AreEqual(new[] { "cat" }, data.GetClassNames().ToArray());
        CollectionAssert.AreEqual(
            new List<string> { $"'{directory.Path}': images left out by the filter: 3 (preview.png, cat/masks/1.png, overlays/1.png)" },
            warnings.Messages);
    }

    [TestMethod]
    public void Empty_file_among_others_is_kept_and_told()
    {
        using var directory = new TempFolder();
        directory.Write("cat/1.png", "image");
        directory.Write("cat/2.png", "");
        var warnings = new Warnings(_mlContext);

        IDataView data = ImageFolder.Load(_mlContext, directory.Path);

        Assert.AreEqual(2L, data.GetRowCount());
        CollectionAssert.AreEqual(
            new List<string> { $"'{directory.Path}': empty files kept, which will not decode: 1 (cat/2.png)" }, warnings.Messages);
    }

    [TestMethod]
    public void Directory_without_images_is_refused()
    {
        using var directory = new TempFolder();
        AssertProblems(directory, ["no images; expected folders, one for each class, with images (.jpg, .jpeg, .jpe, .jfif, .png, .bmp, .gif, .webp, .ico, .wbmp) in them"]);
    }

    [TestMethod]
    public void Everything_wrong_is_listed_at_once()
    {
        using var directory = new TempFolder();
        directory.Write("stray.jpg", "image");
        directory.Write("cat/1.png", "image");
        directory.Write("dog/readme.txt", "no image");
        AssertProblems(
            directory,
            [
                "stray.jpg: an image outside the class folders; move it into one, or leave it out by the filter",
                "dog: no image in this class folder; delete it, or name the classes by classNames",
            ]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Classes_that_differ_only_in_case_are_refused()
    {
        using var directory = new TempFolder();
        directory.Write("Cat/1.png", "image");
        directory.Write("cat/1.png", "image");
        AssertProblems(directory, ["the classes 'Cat' and 'cat', which differ only in case. Rename one of them."]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Links_to_nowhere_and_to_their_own_parents_are_refused()
    {
        using var directory = new TempFolder();
        directory.Write("cat/1.png", "image");
        File.CreateSymbolicLink(directory.At("cat", "2.png"), "/nowhere/2.png");
        Directory.CreateSymbolicLink(directory.At("cat", "again"), directory.At("cat"));
        AssertProblems(
            directory,
            [
                "cat/2.png: a link to '/nowhere/2.png', which does not exist",
                "cat/again: a link to a folder that contains it; delete the link",
            ]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Links_to_images_and_class_folders_elsewhere_are_followed()
    {
        using var directory = new TempFolder();
        directory.Write("store/1.png", "image");
        Directory.CreateDirectory(directory.At("photos"));
        Directory.CreateSymbolicLink(directory.At("photos", "cat"), directory.At("store"));

        IDataView data = ImageFolder.Load(_mlContext, directory.At("photos"));

        CollectionAssert.AreEqual(new List<string> { directory.At("photos", "cat", "1.png") }, Rows.Texts(data, "ImagePath"));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void File_name_that_is_not_utf8_is_refused()
    {
        using var directory = new TempFolder();
        Directory.CreateDirectory(directory.At("cat"));
        Shell($"echo image > \"$(printf '{directory.At("cat")}/x\\377.png')\"");
        try
        {
            AssertProblems(directory, ["cat/x\uFFFD.png: the file name is not valid UTF-8; rename the file"]);
        }
        finally
        {
            // .NET can neither open nor delete such a file.
            Shell($"rm -r '{directory.At("cat")}'");
        }

        static void Shell(string command) => Assert.AreEqual(0, ChildProcess.Run("/bin/sh", "-c", command).ExitCode, command);
    }

    [TestMethod]
    [FilePermissionsCondition]
    public void Folder_without_read_permission_is_named()
    {
        using var directory = new TempFolder();
        directory.Write("cat/1.png", "image");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory.At("cat"), UnixFileMode.None);
        var e = Assert.ThrowsExactly<IOException>(() => ImageFolder.Load(_mlContext, directory.Path));
        StringAssert.StartsWith(e.Message, $"The folder '{directory.At("cat")}' cannot be read: ");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory.At("cat"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [TestMethod]
    public void Missing_directory_is_named()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageFolder.Load(_mlContext, directory.At("nowhere")));
        Assert.AreEqual($"The directory '{directory.At("nowhere")}' does not exist.", e.Message);
    }

    private void AssertProblems(TempFolder directory, string[] problems, IReadOnlyList<string>? classNames = null)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Load(_mlContext, directory.Path, classNames));
        string count = problems.Length == 1 ? "1 problem" : $"{problems.Length} problems";
        Assert.AreEqual(
            $"'{directory.Path}' has {count}:" + string.Concat(problems.Select(problem => "\n  " + problem)),
            e.Message.Replace('\\', '/'));
    }
}
