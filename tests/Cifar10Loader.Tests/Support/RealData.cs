using System.Formats.Tar;
using System.IO.Compression;

namespace Cifar10Loader.Tests;

/// <summary>The photos of the folder that MLNETCNN_DATA names, unpacked there or as archives.</summary>
internal static class RealData
{
    public const string FlowersFolder = "flower_photos";
    public const string FlowersArchive = "flower_photos-subset.tar";
    public const string CifarFolder = "cifar10-images";
    public const string CifarArchive = "cifar10-images.tar.gz";

    public static string PathOf(string name) =>
        Path.Combine(Environment.GetEnvironmentVariable("MLNETCNN_DATA") is { Length: > 0 } folder ? folder : "no-such-folder", name);

    /// <summary>The folder with train and val, unpacked into <paramref name="directory"/> if need be.</summary>
    public static string Flowers(TempFolder directory)
    {
        if (Directory.Exists(PathOf(FlowersFolder)))
            return PathOf(FlowersFolder);
        TarFile.ExtractToDirectory(PathOf(FlowersArchive), directory.Path, overwriteFiles: false);
        return directory.At(FlowersFolder);
    }

    /// <summary>The folder with the first test images of each class.</summary>
    public static string CifarTest(TempFolder directory)
    {
        if (Directory.Exists(PathOf(CifarFolder)))
            return Path.Combine(PathOf(CifarFolder), "test");
        using var archive = new GZipStream(File.OpenRead(PathOf(CifarArchive)), CompressionMode.Decompress);
        using var tar = new TarReader(archive);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name.StartsWith("test/") && Path.GetFileName(entry.Name).StartsWith("000"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(directory.At(entry.Name))!);
                entry.ExtractToFile(directory.At(entry.Name), overwrite: false);
            }
        }

        return directory.At("test");
    }
}
