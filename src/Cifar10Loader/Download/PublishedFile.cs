using System.Security.Cryptography;

namespace Cifar10Loader;

/// <summary>A file that somebody publishes, and how it is known to be that file.</summary>
internal record PublishedFile
{
    public required Uri Address { get; init; }

    /// <summary>The checksum in lower-case hexadecimal digits, or its first digits where no more is known.</summary>
    public required string Checksum { get; init; }

    public HashAlgorithmName ChecksumAlgorithm { get; init; } = HashAlgorithmName.SHA256;

    public long MaximumBytes { get; init; } = 512L << 20;

    /// <summary>How long the server may send nothing before the download is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What it is, for messages.</summary>
    public virtual string Kind => "file";

    public string FileName => Path.GetFileName(Address.AbsolutePath);
}
