using Cifar10Loader;

namespace MlNet.ImageClassification;

/// <summary>Where the file of published weights comes from, and how it is read.</summary>
internal interface IWeightsSource
{
    /// <summary>The path of the file, brought to a folder where it has to be.</summary>
    Task<string> FetchAsync(string folder, IProgress<double>? progress, CancellationToken cancellationToken);

    /// <summary>Opens the file.</summary>
    WeightsFile Open(string path);
}

/// <summary>A file to download.</summary>
internal sealed record DownloadedWeights(PublishedFile File) : IWeightsSource
{
    /// <inheritdoc/>
    public async Task<string> FetchAsync(string folder, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var download = new FileDownload(File, Path.Combine(folder, File.FileName));
        if (System.IO.File.Exists(download.TargetPath))
        {
            await download.CheckTargetAsync(cancellationToken);
            return download.TargetPath;
        }
        await download.ReceiveAsync(
            (received, total) => progress?.Report(total is > 0 ? (double)received / total.Value : 0), cancellationToken);
        System.IO.File.Move(download.PartPath, download.TargetPath, overwrite: true);
        return download.TargetPath;
    }

    /// <inheritdoc/>
    public WeightsFile Open(string path) => WeightsFile.Open(path);
}
