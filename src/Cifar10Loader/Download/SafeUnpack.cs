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
        string target = Path.GetFullPath(targetDirectory);
        Directory.CreateDirectory(target);
        await using var file = new FileStream(archivePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17);
        await using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unzipped);

        long bytesLeft = maximumBytes;
        int entries = 0;
        while (await NextEntryAsync() is { } entry)
        {
            if (++entries > MaximumEntries)
                throw Refused($"it has more than {MaximumEntries} entries");
            await UnpackEntryAsync(entry);
        }

        async Task<TarEntry?> NextEntryAsync()
        {
            try
            {
                return await tar.GetNextEntryAsync(copyData: false, cancellationToken);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
            {
                throw new InvalidDataException($"'{archivePath}' is damaged or no .tar.gz archive: {e.Message}", e);
            }
        }

        async Task UnpackEntryAsync(TarEntry entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.GlobalExtendedAttributes:
                    break;
                case TarEntryType.Directory:
                    Directory.CreateDirectory(SafePath(entry.Name));
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    bytesLeft -= entry.Length;
                    if (bytesLeft < 0)
                        throw Refused($"it unpacks to more than {maximumBytes:N0} bytes (at '{entry.Name}')");
                    string path = SafePath(entry.Name);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    await WriteAsync(entry, path);
                    break;
                default:
                    throw Refused($"'{entry.Name}' is of type {entry.EntryType}; only folders and plain files are unpacked");
            }
        }

        async Task WriteAsync(TarEntry entry, string path)
        {
            if (Path.Exists(path))
                throw Refused($"'{entry.Name}' is in it twice");
            await using var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 17);
            try
            {
                if (entry.DataStream is not null)
                    await entry.DataStream.CopyToAsync(output, cancellationToken);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                throw new InvalidDataException($"'{archivePath}' is damaged at '{entry.Name}': {e.Message}", e);
            }
        }

        string SafePath(string name)
        {
            string[] parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
            bool plain = parts.Length > 0
                && !name.StartsWith('/')
                && parts.All(part => part != ".." && part.IndexOfAny(['\\', ':', '\0', '\uFFFD']) < 0);
            string path = plain ? Path.GetFullPath(Path.Combine([target, .. parts])) : target;
            return plain && (path == target || path.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                ? path
                : throw Refused($"the entry name '{name}' does not stay inside the target folder or is not portable");
        }

        InvalidDataException Refused(string why) => new($"'{archivePath}' was not unpacked: {why}.");
    }
}
