using System.Formats.Tar;
using System.IO.Compression;

namespace Cifar10Loader;

/// <summary>
/// Unpacks a .tar.gz that is not trusted: only folders and plain files, only below the target, no file twice, within a
/// size limit.
/// </summary>
internal static class SafeUnpack
{
    private const int MaximumEntries = 1000;

    /// <exception cref="InvalidDataException">The archive is damaged or breaks one of the rules; the message names the entry.</exception>
    public static async Task TarGzAsync(
        string archivePath, string targetDirectory, long maximumBytes, CancellationToken cancellationToken)
    {
        string target = Path.GetFullPath(targetDirectory) + Path.DirectorySeparatorChar;
        Directory.CreateDirectory(target);
        long bytes = 0;
        int entries = 0;
        string? refusal = null;
        try
        {
            await using FileStream file = File.OpenRead(archivePath);
            await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            await using var tar = new TarReader(unzipped);
            while (refusal is null && await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
                refusal = await UnpackAsync(entry);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"'{archivePath}' is damaged or no .tar.gz archive: {e.Message}", e);
        }

        if (refusal is not null)
            throw new InvalidDataException($"'{archivePath}' was not unpacked: {refusal}.");

        // What is wrong with the entry, or null.
        async Task<string?> UnpackAsync(TarEntry entry)
        {
            if (++entries > MaximumEntries)
                return $"it has more than {MaximumEntries} entries";
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                return null;
            if (entry.EntryType is not (TarEntryType.Directory or TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                return $"'{entry.Name}' is of type {entry.EntryType}; only folders and plain files are unpacked";
            if ((bytes += entry.Length) > maximumBytes)
                return $"it unpacks to more than {maximumBytes:N0} bytes (at '{entry.Name}')";

            bool isPortable = entry.Name.IndexOfAny(['\\', ':', '\0', '\uFFFD']) < 0;
            string path = isPortable ? Path.GetFullPath(Path.Combine(target, entry.Name)) : "";
            if (!path.StartsWith(target, StringComparison.Ordinal))
                return $"the entry name '{entry.Name}' does not stay inside the target folder or is not portable";

            if (entry.EntryType is TarEntryType.Directory)
            {
                Directory.CreateDirectory(path);
                return null;
            }

            if (Path.Exists(path))
                return $"'{entry.Name}' is in it twice";
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await entry.ExtractToFileAsync(path, overwrite: false, cancellationToken);
            return null;
        }
    }
}
