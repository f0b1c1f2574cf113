using Microsoft.ML;
using Microsoft.ML.Data;

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
    public void Directory_without_images_is_refused()
    {
        using var directory = new TempFolder();
        AssertProblems(directory, ["no images; expected folders, one for each class, with images (.jpg, .jpeg, .jpe, .jfif, .png, .bmp) in them"]);
    }

    [TestMethod]
    public void Everything_wrong_is_listed_at_once()
    {
        using var directory = new TempFolder();
        directory.Write("stray.jpg", "image");
        directory.Write("cat/1.png", "image");
        directory.Write("cat/empty.png", "");
        directory.Write("dog/readme.txt", "no image");
        AssertProblems(
            directory,
            [
                "stray.jpg: an image outside the class folders; move it into one",
                "cat/empty.png: the file is empty",
                "dog: no image in this class folder (of .jpg, .jpeg, .jpe, .jfif, .png, .bmp)",
            ]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Classes_that_differ_only_in_case_are_refused()
    {
        using var directory = new TempFolder();
        directory.Write("Cat/1.png", "image");
        directory.Write("cat/1.png", "image");
        AssertProblems(directory, ["the classes 'Cat', 'cat' differ only in case; rename or merge them"]);
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
