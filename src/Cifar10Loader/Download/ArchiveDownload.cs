namespace Cifar10Loader;

/// <summary>
/// Brings a published archive into a directory: download into a .part file, check, unpack beside, rename. Every step
/// that an earlier run finished is skipped.
/// </summary>
internal sealed class ArchiveDownload(PublishedArchive archive, string directory)
{
    private string Folder => Path.Combine(directory, archive.Folder);

    public async Task<string> RunAsync(IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Folder))
        {
            CheckComplete(Folder);
            return Folder;
        }

        Directory.CreateDirectory(directory);
        var download = new FileDownload(archive, Path.Combine(directory, archive.FileName));
        if (File.Exists(download.TargetPath))
        {
            await download.CheckTargetAsync(cancellationToken);
            await UnpackAsync(download.TargetPath, cancellationToken);
            return Folder;
        }

        await download.ReceiveAsync(
            (received, total) => progress?.Report(new DownloadProgress(received, total)), cancellationToken);
        await UnpackAsync(download.PartPath, cancellationToken);
        File.Delete(download.PartPath);
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
