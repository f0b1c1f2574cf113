using System.Formats.Tar;
using System.IO.Compression;
using Cifar10Loader;
using Microsoft.ML;
using Spectre.Console;

namespace ResNetOnCifar10;

/// <summary>Finds CIFAR-10 wherever it may be, as image files in class folders.</summary>
internal sealed class CifarImages
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

    public static CifarImages Find(MLContext mlContext, DirectoryInfo? given, CancellationToken cancellation)
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
        string[] batches = ["data_batch_1.bin", "cifar-10-batches-bin/data_batch_1.bin", "data_batch_1", "cifar-10-batches-py/data_batch_1"];
        return batches.Any(b => File.Exists(Path.Combine(folder, b))) ? OpenBatches(mlContext, folder, "cifar10-png", cancellation) : null;
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
            return OpenBatches(mlContext, folder, "cifar10-png", cancellation);
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
        return OpenBatches(mlContext, folder, "generated-png", cancellation, generated: true);
    }

    /// <summary>LoadImages reads files, so batches are written out as PNG files once.</summary>
    private static CifarImages OpenBatches(
        MLContext mlContext, string folder, string exportName, CancellationToken cancellation, bool generated = false)
    {
        string export = Path.Combine(Cache, exportName);
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

    private static string Unpack(string archive, CancellationToken cancellation)
    {
        string folder = Path.Combine(Cache, "cifar10-images");
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
