using System.Formats.Tar;
using System.IO.Compression;

namespace Cifar10Loader.Tests;

/// <summary>Builds .tar.gz archives, good and evil.</summary>
internal static class TarGz
{
    public static TarEntry FileEntry(string name, byte[] content) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    public static TarEntry LinkEntry(string name, string target, TarEntryType type = TarEntryType.SymbolicLink) =>
        new PaxTarEntry(type, name) { LinkName = target };

    public static byte[] Of(params IEnumerable<TarEntry> entries)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zip))
        {
            foreach (TarEntry entry in entries)
                tar.WriteEntry(entry);
        }

        return packed.ToArray();
    }
}
