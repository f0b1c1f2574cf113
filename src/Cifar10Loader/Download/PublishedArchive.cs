namespace Cifar10Loader;

/// <summary>A data set published as one .tar.gz file, and the limits it must keep to.</summary>
internal sealed record PublishedArchive
{
    public required Uri Address { get; init; }

    /// <summary>MD5 of the archive in lower-case hexadecimal digits.</summary>
    public required string Md5 { get; init; }

    /// <summary>The folder that the archive unpacks to.</summary>
    public required string Folder { get; init; }

    /// <summary>The files that must be in the folder.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    public long MaximumArchiveBytes { get; init; } = 512L << 20;

    public long MaximumUnpackedBytes { get; init; } = 1L << 30;

    /// <summary>How long the server may send nothing before the download is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public string FileName => Path.GetFileName(Address.AbsolutePath);
}
