namespace Cifar10Loader;

/// <summary>A data set published as one .tar.gz file, and the limits it must keep to.</summary>
internal sealed record PublishedArchive : PublishedFile
{
    /// <summary>The folder that the archive unpacks to.</summary>
    public required string Folder { get; init; }

    /// <summary>The files that must be in the folder.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    public long MaximumUnpackedBytes { get; init; } = 1L << 30;

    public override string Kind => "archive";
}
