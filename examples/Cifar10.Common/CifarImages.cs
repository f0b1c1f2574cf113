using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Cifar10Loader;
using Microsoft.ML;
using Spectre.Console;

namespace CifarExamples;

/// <summary>Finds CIFAR-10 wherever it may be, as image files in class folders.</summary>
public sealed class CifarImages
{
    private const string ArchiveName = "cifar10-images.tar.gz";

    private CifarImages(IDataView training, IDataView test, string source, bool generated)
        => (Training, Test, Source, Generated) = (training, test, source, generated);

    /// <summary>Columns Label (key), ClassName and ImagePath.</summary>
    public IDataView Training { get; }

    public IDataView Test { get; }

    public string Source { get; }

    /// <summary>Whether the images were drawn because the real ones cannot be had.</summary>
    public bool Generated { get; }

    private static string Cache => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "MlNetCnn");

    /// <summary>Finds the images and prints what was found.</summary>
    public static CifarImages Find(MLContext mlContext, DirectoryInfo? given, CancellationToken cancellation)
    {
        var images = Search(mlContext, given, cancellation);
        Console.WriteLine($"Images: {images.Training.GetRowCount():N0} to train on, {images.Test.GetRowCount():N0} to test on, from {images.Source}.");
        return images;
    }

    /// <summary>What a network was trained on, as the heading of its report.</summary>
    public string Describe(string network) => $"{network} on {(Generated ? "generated images" : "CIFAR-10")}";

    /// <summary>Ends a report, so that nobody takes figures of generated images for those of CIFAR-10.</summary>
    public void RemindIfGenerated()
    {
        if (Generated)
            Console.WriteLine("NOTE: these were generated images; see above for how to get CIFAR-10.");
    }

    private static CifarImages Search(MLContext mlContext, DirectoryInfo? given, CancellationToken cancellation)
    {
        if (given is not null)
        {
            return TryOpen(mlContext, given.FullName, cancellation)
                ?? throw new DirectoryNotFoundException(
                    $"--data is '{given.FullName}', which holds neither CIFAR-10 batches nor {ArchiveName} nor the folders train and test.");
        }
        if (Environment.GetEnvironmentVariable("MLNETCNN_DATA") is { Length: > 0 } variable && TryOpen(mlContext, variable, cancellation) is { } named)
            return named;
        return TryOpen(mlContext, Cache, cancellation)
            ?? TryDownload(mlContext, cancellation)
            ?? Generate(mlContext, cancellation);
    }

    private static CifarImages? TryOpen(MLContext mlContext, string folder, CancellationToken cancellation)
    {
        if (Directory.Exists(Path.Combine(folder, "train")) && Directory.Exists(Path.Combine(folder, "test")))
            return OpenClassFolders(mlContext, folder, folder);
        if (File.Exists(Path.Combine(folder, ArchiveName)))
            return OpenClassFolders(mlContext, Unpack(Path.Combine(folder, ArchiveName), cancellation), Path.Combine(folder, ArchiveName));
        return FirstBatch(folder) is not null ? OpenBatches(mlContext, folder, cancellation) : null;
    }

    private static string? FirstBatch(string folder)
    {
        string[] names = ["data_batch_1.bin", "cifar-10-batches-bin/data_batch_1.bin", "data_batch_1", "cifar-10-batches-py/data_batch_1"];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static CifarImages? TryDownload(MLContext mlContext, CancellationToken cancellation)
    {
        try
        {
            string folder = AnsiConsole.Progress().Start(display =>
            {
                var bar = display.AddTask("Downloading CIFAR-10");
                var progress = new Callback<DownloadProgress>(p =>
                {
                    bar.MaxValue = p.TotalBytes ?? bar.MaxValue;
                    bar.Value = p.BytesReceived;
                });
                return Cifar10.DownloadAsync(Cache, progress, cancellation).GetAwaiter().GetResult();
            });
            return OpenBatches(mlContext, folder, cancellation);
        }
        catch (HttpRequestException error)
        {
            Console.WriteLine($"CIFAR-10 was not found on this machine and cannot be downloaded: {error.Message}");
            return null;
        }
    }

    private static CifarImages Generate(MLContext mlContext, CancellationToken cancellation)
    {
        Console.WriteLine("NOTE: using generated images of drawn shapes instead. What follows shows that training works; it is no CIFAR-10 result.");
        string folder = Path.Combine(Cache, "generated");
        if (!Directory.Exists(folder))
            Cifar10.Generate(folder, cancellationToken: cancellation);
        return OpenBatches(mlContext, folder, cancellation, generated: true);
    }

    /// <summary>LoadImages reads files, so batches are written out as PNG files once.</summary>
    private static CifarImages OpenBatches(MLContext mlContext, string folder, CancellationToken cancellation, bool generated = false)
    {
        string export = CopyOf("png", FirstBatch(folder)!);
        foreach (var (name, split) in new[] { ("train", Cifar10Split.Train), ("test", Cifar10Split.Test) })
        {
            if (Directory.Exists(Path.Combine(export, name)))
                continue;
            Console.WriteLine($"Writing the {name} images to {Path.Combine(export, name)}");
            Cifar10.ExportImages(Cifar10.Load(mlContext, folder, split), Path.Combine(export, name), cancellation);
        }
        return OpenClassFolders(mlContext, export, folder, generated);
    }

    private static CifarImages OpenClassFolders(MLContext mlContext, string folder, string source, bool generated = false) => new(
        ImageFolder.Load(mlContext, Path.Combine(folder, "train")),
        ImageFolder.Load(mlContext, Path.Combine(folder, "test")),
        source,
        generated);

    /// <summary>The folder in the cache for what is made from a file; another file, or one that was replaced, gets another folder.</summary>
    private static string CopyOf(string kind, string source)
    {
        var file = new FileInfo(source);
        byte[] identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}"));
        return Path.Combine(Cache, $"{kind}-{Convert.ToHexStringLower(identity, 0, 6)}");
    }

    private static string Unpack(string archive, CancellationToken cancellation)
    {
        string folder = CopyOf("images", archive);
        if (Directory.Exists(folder))
            return folder;
        Console.WriteLine($"Unpacking {archive} to {folder}");
        string unfinished = $"{folder}.unfinished-{Environment.ProcessId}";
        Directory.CreateDirectory(unfinished);
        try
        {
            using var file = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            TarFile.ExtractToDirectoryAsync(file, unfinished, overwriteFiles: false, cancellation).GetAwaiter().GetResult();
            Directory.Move(unfinished, folder);
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
        return folder;
    }
}
