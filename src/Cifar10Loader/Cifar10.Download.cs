using System.Security.Cryptography;

namespace Cifar10Loader;

public static partial class Cifar10
{
    private static readonly PublishedArchive OfficialArchive = new()
    {
        Address = new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
        ChecksumAlgorithm = HashAlgorithmName.MD5,
        Checksum = "c32a1d4ab5d03f1284b67883e8d87530",
        Folder = CifarFormat.BinaryFolder,
        Files =
        [
            .. CifarFormat.BinaryBatches(Cifar10Split.Train),
            .. CifarFormat.BinaryBatches(Cifar10Split.Test),
            CifarFormat.ClassNamesFile,
        ],
    };

    /// <summary>
    /// Downloads CIFAR-10 (the official binary archive, 162 MiB), checks its MD5, and unpacks it to
    /// <c>cifar-10-batches-bin</c> in <paramref name="directory"/>. An interrupted download goes on where it stopped,
    /// in this call or a later one. What is there already is not downloaded again: neither the unpacked folder nor an
    /// archive that was put into <paramref name="directory"/> by hand.
    /// </summary>
    /// <param name="directory">The directory to keep the data in; created if need be.</param>
    /// <param name="progress">Receives the bytes downloaded so far.</param>
    /// <param name="cancellationToken">Stops the download; what has arrived stays for the next call.</param>
    /// <returns>The folder to give to <see cref="Load"/>.</returns>
    /// <exception cref="HttpRequestException">The server cannot be reached or refuses; the message says what to do by hand.</exception>
    /// <exception cref="InvalidDataException">
    /// The archive has another MD5 or unsafe content, or an unpacked folder is there but incomplete.
    /// </exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static Task<string> DownloadAsync(
        string directory, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return new ArchiveDownload(OfficialArchive, directory).RunAsync(progress, cancellationToken);
    }
}
