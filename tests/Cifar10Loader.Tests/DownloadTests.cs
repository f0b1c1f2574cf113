using System.Net;
using System.Security.Cryptography;
using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class DownloadTests
{
    private const string Folder = "cifar-10-batches-bin";

    private static readonly string[] Files =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin", "batches.meta.txt"];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Archive_is_downloaded_checked_unpacked_and_loads()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        using var server = new ArchiveServer(archive);
        var progress = new Recorder();

        string folder = await DownloadAsync(server, archive, directory.At("data"), progress);

        Assert.AreEqual(directory.At("data", Folder), folder);
        CollectionAssert.AreEqual(new[] { folder }, Directory.GetFileSystemEntries(directory.At("data")));
        IDataView data = Cifar10.Load(new MLContext(), folder, Cifar10Split.Train);
        CollectionAssert.AreEqual(SmallCifar.Pixels(9), Rows.Pixels(data)[9]);
        Assert.AreEqual(new DownloadProgress(archive.Length, archive.Length), progress.Reports[^1]);
    }

    [TestMethod]
    public async Task Unpacked_folder_is_reused_without_a_request()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: Folder);
        using var server = new ArchiveServer([]);

        Assert.AreEqual(directory.At(Folder), await DownloadAsync(server, [], directory.Path));
        Assert.AreEqual(0, server.Ranges.Count);
    }

    [TestMethod]
    public async Task Incomplete_folder_is_left_alone_and_reported()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: Folder);
        File.Delete(directory.At(Folder, "data_batch_3.bin"));
        using var server = new ArchiveServer([]);

        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => DownloadAsync(server, [], directory.Path));
        Assert.AreEqual($"'{directory.At(Folder)}' lacks data_batch_3.bin. Delete or rename that folder and run again.", e.Message);
        Assert.AreEqual(6, Directory.GetFiles(directory.At(Folder)).Length);
    }

    [TestMethod]
    public async Task Archive_put_there_by_hand_is_used_and_kept()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        directory.Write("data.tar.gz", archive);
        using var server = new ArchiveServer([]);

        await DownloadAsync(server, archive, directory.Path);

        Assert.AreEqual(0, server.Ranges.Count);
        Assert.IsTrue(File.Exists(directory.At("data.tar.gz")));
        Assert.IsTrue(File.Exists(directory.At(Folder, "test_batch.bin")));
    }

    [TestMethod]
    public async Task Wrong_archive_put_there_by_hand_is_refused_and_kept()
    {
        using var directory = new TempFolder();
        string path = directory.Write("data.tar.gz", "something else");
        byte[] archive = Archive();
        using var server = new ArchiveServer([]);

        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => DownloadAsync(server, archive, directory.Path));
        Assert.AreEqual(
            $"'{path}' is not the archive of {server.Root}data.tar.gz: its MD5 is {Md5("something else"u8)}, expected " +
            $"{Md5(archive)}. Delete it, or replace it with a good copy.", e.Message);
        Assert.IsTrue(File.Exists(path));
    }

    [TestMethod]
    public async Task Broken_download_goes_on_where_it_stopped()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        using var server = new ArchiveServer(archive) { BreakAfter = archive.Length / 2 };

        var e = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => DownloadAsync(server, archive, directory.Path));
        StringAssert.StartsWith(e.Message, $"{server.Root}data.tar.gz could not be downloaded: the transfer broke off (");
        StringAssert.Contains(e.Message, "what arrived is kept, run again to go on. To do it by hand, download ");
        StringAssert.EndsWith(e.Message, $" on any machine and put the file at '{directory.At("data.tar.gz")}'; then run again.");
        long arrived = new FileInfo(directory.At("data.tar.gz.part")).Length;
        Assert.IsGreaterThan(0, arrived);
        Assert.IsFalse(Directory.Exists(directory.At(Folder)));

        server.BreakAfter = null;
        var progress = new Recorder();
        await DownloadAsync(server, archive, directory.Path, progress);

        CollectionAssert.AreEqual(new List<string> { "", $"bytes={arrived}-" }, server.Ranges);
        Assert.IsGreaterThan(arrived, progress.Reports[0].BytesReceived);
        Assert.AreEqual(archive.Length, progress.Reports[^1].TotalBytes);
        Assert.IsTrue(File.Exists(directory.At(Folder, "test_batch.bin")));
    }

    [TestMethod]
    public async Task Server_without_ranges_starts_over()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        directory.Write("data.tar.gz.part", "an old beginning");
        using var server = new ArchiveServer(archive) { IgnoreRanges = true };

        await DownloadAsync(server, archive, directory.Path);

        Assert.IsTrue(File.Exists(directory.At(Folder, "test_batch.bin")));
    }

    [TestMethod]
    public async Task Complete_part_file_is_not_downloaded_again()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        directory.Write("data.tar.gz.part", archive);
        using var server = new ArchiveServer(archive);

        await DownloadAsync(server, archive, directory.Path);

        Assert.IsTrue(File.Exists(directory.At(Folder, "test_batch.bin")));
        Assert.IsFalse(File.Exists(directory.At("data.tar.gz.part")));
    }

    [TestMethod]
    public async Task Wrong_checksum_deletes_the_download_and_tells_what_to_do_by_hand()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        using var server = new ArchiveServer(archive);

        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => DownloadAsync(server, "what was expected"u8.ToArray(), directory.Path));
        StringAssert.Contains(e.Message, $"its MD5 is {Md5(archive)}, expected {Md5("what was expected"u8)}.");
        StringAssert.EndsWith(
            e.Message,
            $"The download was deleted; run again to repeat it. To do it by hand, download {server.Root}data.tar.gz on any " +
            $"machine and put the file at '{directory.At("data.tar.gz")}'; then run again.");
        Assert.AreEqual(0, Directory.GetFileSystemEntries(directory.Path).Length);
    }

    [TestMethod]
    public async Task Server_that_refuses_is_reported()
    {
        using var directory = new TempFolder();
        using var server = new ArchiveServer([]) { Refuse = HttpStatusCode.NotFound };
        var e = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => DownloadAsync(server, [], directory.Path));
        Assert.AreEqual(HttpStatusCode.NotFound, e.StatusCode);
        StringAssert.Contains(e.Message, "404");
        StringAssert.Contains(e.Message, "To do it by hand, download ");
    }

    [TestMethod]
    public async Task Machine_without_network_is_told_what_to_do_by_hand()
    {
        using var directory = new TempFolder();
        var server = new ArchiveServer([]);
        server.Dispose();
        var e = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => DownloadAsync(server, [], directory.Path));
        StringAssert.Contains(e.Message, "could not be downloaded: ");
        StringAssert.EndsWith(e.Message, $"put the file at '{directory.At("data.tar.gz")}'; then run again.");
    }

    [TestMethod]
    public async Task Silent_server_is_given_up()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        using var server = new ArchiveServer(archive) { FallSilent = true };
        PublishedArchive published = Published(server, archive) with { Patience = TimeSpan.FromMilliseconds(200) };
        var e = await Assert.ThrowsExactlyAsync<HttpRequestException>(
            () => new ArchiveDownload(published, directory.Path).RunAsync(null, TestContext.CancellationToken));
        StringAssert.Contains(e.Message, "the server sent nothing for ");
    }

    [TestMethod]
    public async Task Archive_above_the_size_limit_is_given_up()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        using var server = new ArchiveServer(archive);
        PublishedArchive published = Published(server, archive) with { MaximumBytes = 1000 };
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => new ArchiveDownload(published, directory.Path).RunAsync(null, TestContext.CancellationToken));
        StringAssert.StartsWith(e.Message, $"{server.Root}data.tar.gz sends more than 1,000 bytes, so it is not the archive.");
    }

    [TestMethod]
    public async Task Archive_with_an_escaping_entry_leaves_nothing_but_the_download()
    {
        using var directory = new TempFolder();
        byte[] archive = TarGz.Of(TarGz.FileEntry($"{Folder}/../../evil.txt", "evil"u8.ToArray()));
        using var server = new ArchiveServer(archive);
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => DownloadAsync(server, archive, directory.At("data")));
        StringAssert.Contains(e.Message, "does not stay inside the target folder");
        CollectionAssert.AreEqual(new[] { directory.At("data", "data.tar.gz.part") }, Directory.GetFileSystemEntries(directory.At("data")));
        Assert.IsFalse(File.Exists(directory.At("evil.txt")));
    }

    [TestMethod]
    public async Task Archive_of_another_data_set_is_refused()
    {
        using var directory = new TempFolder();
        byte[] archive = TarGz.Of(TarGz.FileEntry("cifar-100-binary/train.bin", [1]));
        using var server = new ArchiveServer(archive);
        var e = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => DownloadAsync(server, archive, directory.Path));
        Assert.AreEqual(
            $"'{directory.At("data.tar.gz.part")}' has no folder '{Folder}', so it is another archive.", e.Message);
    }

    [TestMethod]
    public async Task Canceled_download_keeps_what_arrived()
    {
        using var directory = new TempFolder();
        byte[] archive = Archive();
        using var server = new ArchiveServer(archive);
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder { OnReport = cancellation.Cancel };
        try
        {
            await new ArchiveDownload(Published(server, archive), directory.Path).RunAsync(progress, cancellation.Token);
            Assert.Fail("The download was not canceled.");
        }
        catch (OperationCanceledException)
        {
            Assert.IsTrue(File.Exists(directory.At("data.tar.gz.part")));
        }
    }

    private static byte[] Archive()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        return TarGz.Of(Files.Select(name => TarGz.FileEntry($"{Folder}/{name}", File.ReadAllBytes(directory.At(name)))));
    }

    private static PublishedArchive Published(ArchiveServer server, byte[] expected) => new()
    {
        Address = new Uri(server.Root, "data.tar.gz"),
        ChecksumAlgorithm = HashAlgorithmName.MD5,
        Checksum = Md5(expected),
        Folder = Folder,
        Files = Files,
    };

    private static string Md5(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(MD5.HashData(content));

    private Task<string> DownloadAsync(
        ArchiveServer server, byte[] expected, string directory, IProgress<DownloadProgress>? progress = null) =>
        new ArchiveDownload(Published(server, expected), directory).RunAsync(progress, TestContext.CancellationToken);

    private sealed class Recorder : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> Reports { get; } = [];

        public Action? OnReport { get; init; }

        public void Report(DownloadProgress value)
        {
            Reports.Add(value);
            OnReport?.Invoke();
        }
    }
}
