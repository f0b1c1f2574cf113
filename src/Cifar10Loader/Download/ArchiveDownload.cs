using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Cifar10Loader;

/// <summary>
/// Brings a published archive into a directory: download into a .part file, check, unpack beside, rename. Every step
/// that an earlier run finished is skipped.
/// </summary>
internal sealed class ArchiveDownload(PublishedArchive archive, string directory)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) })
    {
        // A slow line is no error; a silent one is, and ReceiveAsync watches for that.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private string Folder => Path.Combine(directory, archive.Folder);

    private string ByHandPath => Path.GetFullPath(Path.Combine(directory, archive.FileName));

    private string PartPath => ByHandPath + ".part";

    private string ByHand =>
        $"To do it by hand, download {archive.Address} on any machine and put the file at '{ByHandPath}'; then run again.";

    public async Task<string> RunAsync(IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Folder))
        {
            CheckComplete(Folder);
            return Folder;
        }

        Directory.CreateDirectory(directory);
        if (File.Exists(ByHandPath))
        {
            await CheckMd5Async(ByHandPath, "Delete it, or replace it with a good copy.", cancellationToken);
            await UnpackAsync(ByHandPath, cancellationToken);
            return Folder;
        }

        try
        {
            await ReceiveAsync(progress, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new HttpRequestException(
                e.HttpRequestError, $"{archive.Address} could not be downloaded: {e.Message} {ByHand}", e, e.StatusCode);
        }

        try
        {
            await CheckMd5Async(PartPath, "The download was deleted; run again to repeat it. " + ByHand, cancellationToken);
        }
        catch (InvalidDataException)
        {
            File.Delete(PartPath);
            throw;
        }

        await UnpackAsync(PartPath, cancellationToken);
        File.Delete(PartPath);
        return Folder;
    }

    private void CheckComplete(string folder)
    {
        string[] missing = [.. archive.Files.Where(name => !File.Exists(Path.Combine(folder, name)))];
        if (missing.Length > 0)
        {
            throw new InvalidDataException(
                $"'{folder}' lacks {string.Join(", ", missing)}. Delete or rename that folder and run again.");
        }
    }

    private async Task ReceiveAsync(IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        await using var part = new FileStream(PartPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, archive.Address);
        if (part.Length > 0)
            request.Headers.Range = new RangeHeaderValue(part.Length, null);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(archive.Patience);
        try
        {
            using HttpResponseMessage response =
                await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);

            // The .part file is already whole; the MD5 decides.
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return;
            response.EnsureSuccessStatusCode();

            if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == part.Length)
                part.Seek(0, SeekOrigin.End);
            else
                part.SetLength(0);

            long? total = part.Position + response.Content.Headers.ContentLength;
            await using Stream body = await response.Content.ReadAsStreamAsync(patience.Token);
            await CopyAsync(body, part, total, progress, patience);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(
                $"the server sent nothing for {archive.Patience.TotalSeconds:0} seconds; what arrived is kept, run again to go on.", e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(
                $"the transfer broke off ({e.Message}); what arrived is kept, run again to go on.", e);
        }
    }

    private async Task CopyAsync(
        Stream body, FileStream part, long? total, IProgress<DownloadProgress>? progress, CancellationTokenSource patience)
    {
        var buffer = new byte[1 << 17];
        while (true)
        {
            patience.CancelAfter(archive.Patience);
            int received = await body.ReadAsync(buffer, patience.Token);
            if (received == 0)
                return;
            if (part.Position + received > archive.MaximumArchiveBytes)
            {
                throw new InvalidDataException(
                    $"{archive.Address} sends more than {archive.MaximumArchiveBytes:N0} bytes, so it is not the archive. {ByHand}");
            }

            await part.WriteAsync(buffer.AsMemory(0, received), patience.Token);
            progress?.Report(new DownloadProgress(part.Position, total));
        }
    }

    private async Task CheckMd5Async(string path, string advice, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17);
        string md5 = Convert.ToHexStringLower(await MD5.HashDataAsync(file, cancellationToken));
        if (md5 != archive.Md5)
        {
            throw new InvalidDataException(
                $"'{path}' is not the archive of {archive.Address}: its MD5 is {md5}, expected {archive.Md5}. {advice}");
        }
    }

    private async Task UnpackAsync(string archivePath, CancellationToken cancellationToken)
    {
        string unpacking = Path.Combine(directory, $"{archive.Folder}.unpacking-{Environment.ProcessId}");
        try
        {
            await SafeUnpack.TarGzAsync(archivePath, unpacking, archive.MaximumUnpackedBytes, cancellationToken);
            string folder = Path.Combine(unpacking, archive.Folder);
            if (!Directory.Exists(folder))
                throw new InvalidDataException($"'{archivePath}' has no folder '{archive.Folder}', so it is another archive.");
            CheckComplete(folder);
            Directory.Move(folder, Folder);
        }
        finally
        {
            if (Directory.Exists(unpacking))
                Directory.Delete(unpacking, recursive: true);
        }
    }
}
