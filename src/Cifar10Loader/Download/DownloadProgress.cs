namespace Cifar10Loader;

/// <summary>How far a download is.</summary>
/// <param name="BytesReceived">Bytes on disk, those of an earlier, interrupted download included.</param>
/// <param name="TotalBytes">Size of the whole archive, or null where the server does not tell it.</param>
public readonly record struct DownloadProgress(long BytesReceived, long? TotalBytes);
