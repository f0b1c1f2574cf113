using System.Formats.Tar;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class SafeUnpackTests
{
    [TestMethod]
    public async Task Folders_and_files_are_unpacked()
    {
        using var directory = new TempFolder();
        await UnpackAsync(
            directory,
            new PaxTarEntry(TarEntryType.Directory, "./"),
            new PaxTarEntry(TarEntryType.Directory, "data/"),
            TarGz.FileEntry("data/a.txt", "hello"u8.ToArray()),
            TarGz.FileEntry("./other/deep/b.txt", []));

        Assert.AreEqual("hello", File.ReadAllText(directory.At("out", "data", "a.txt")));
        Assert.AreEqual("", File.ReadAllText(directory.At("out", "other", "deep", "b.txt")));
    }

    [TestMethod]
    [DataRow("../evil.txt")]
    [DataRow("data/../../evil.txt")]
    [DataRow("/tmp/evil.txt")]
    [DataRow("..\\evil.txt")]
    [DataRow("C:/evil.txt")]
    public async Task Entry_that_leaves_the_folder_is_refused(string name)
    {
        using var directory = new TempFolder();
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => UnpackAsync(directory, TarGz.FileEntry(name, "evil"u8.ToArray())));
        Assert.AreEqual(
            $"'{directory.At("x.tar.gz")}' was not unpacked: the entry name '{name}' does not stay inside the target folder or is not portable.",
            e.Message);
        Assert.AreEqual(0, Directory.GetFiles(directory.Path, "*evil*", SearchOption.AllDirectories).Length);
    }

    [TestMethod]
    [DataRow(TarEntryType.SymbolicLink)]
    [DataRow(TarEntryType.HardLink)]
    public async Task Links_are_refused(TarEntryType type)
    {
        using var directory = new TempFolder();
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => UnpackAsync(directory, TarGz.LinkEntry("data", "/etc", type), TarGz.FileEntry("data/evil.txt", [1])));
        Assert.AreEqual(
            $"'{directory.At("x.tar.gz")}' was not unpacked: 'data' is of type {type}; only folders and plain files are unpacked.",
            e.Message);
    }

    [TestMethod]
    public async Task More_bytes_than_the_limit_are_refused_before_they_are_written()
    {
        using var directory = new TempFolder();
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => UnpackAsync(directory, TarGz.FileEntry("a", new byte[600]), TarGz.FileEntry("b", new byte[600])));
        Assert.AreEqual($"'{directory.At("x.tar.gz")}' was not unpacked: it unpacks to more than 1,000 bytes (at 'b').", e.Message);
        Assert.IsFalse(File.Exists(directory.At("out", "b")));
    }

    [TestMethod]
    public async Task More_entries_than_the_limit_are_refused()
    {
        using var directory = new TempFolder();
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => UnpackAsync(directory, [.. Enumerable.Range(0, 1001).Select(i => TarGz.FileEntry($"f{i}", []))]));
        Assert.AreEqual($"'{directory.At("x.tar.gz")}' was not unpacked: it has more than 1000 entries.", e.Message);
    }

    [TestMethod]
    public async Task File_that_comes_twice_is_refused()
    {
        using var directory = new TempFolder();
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => UnpackAsync(directory, TarGz.FileEntry("a", [1]), TarGz.FileEntry("a", [2])));
        Assert.AreEqual($"'{directory.At("x.tar.gz")}' was not unpacked: 'a' is in it twice.", e.Message);
    }

    [TestMethod]
    public async Task Truncated_archive_is_refused()
    {
        using var directory = new TempFolder();
        byte[] noise = new byte[900];
        new Random(1).NextBytes(noise);
        byte[] whole = TarGz.Of(TarGz.FileEntry("a", noise));
        directory.Write("x.tar.gz", whole[..^300]);
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => SafeUnpack.TarGzAsync(directory.At("x.tar.gz"), directory.At("out"), 1000, CancellationToken.None));
        StringAssert.StartsWith(e.Message, $"'{directory.At("x.tar.gz")}' is damaged");
    }

    [TestMethod]
    public async Task File_that_is_no_archive_is_refused()
    {
        using var directory = new TempFolder();
        directory.Write("x.tar.gz", "<html>not found</html>");
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => SafeUnpack.TarGzAsync(directory.At("x.tar.gz"), directory.At("out"), 1000, CancellationToken.None));
        StringAssert.StartsWith(e.Message, $"'{directory.At("x.tar.gz")}' is damaged or no .tar.gz archive: ");
    }

    private static Task UnpackAsync(TempFolder directory, params TarEntry[] entries)
    {
        directory.Write("x.tar.gz", TarGz.Of(entries));
        return SafeUnpack.TarGzAsync(directory.At("x.tar.gz"), directory.At("out"), 1000, CancellationToken.None);
    }
}
