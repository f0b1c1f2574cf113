namespace Cifar10Loader;

/// <summary>What can be told of an image file without decoding it.</summary>
internal static class ImageFiles
{
    /// <summary>The formats that SkiaSharp decodes, and so LoadImages, by extension.</summary>
    public static readonly IReadOnlySet<string> Extensions = new HashSet<string>(
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".ico", ".wbmp"], StringComparer.OrdinalIgnoreCase);

    /// <summary>What <see cref="Remarks"/> call a file of another format.</summary>
    public static string OtherFormat(string path) => Path.GetExtension(path) is { Length: > 0 } extension
        ? $"{extension.ToLowerInvariant()} files left out, a format that cannot be decoded"
        : "files without an extension left out";

    /// <summary>Why the file cannot be opened; null where it can. An empty file opens, but will not decode.</summary>
    public static string? Fault(string path, out bool isEmpty)
    {
        isEmpty = false;
        if (path.Contains('\uFFFD'))
            return "the file name is not valid UTF-8; rename the file";

        var file = new FileInfo(path);
        if (!file.Exists)
            return "no such file";
        if (file.Attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            string? link = file.LinkTarget;
            file = new FileInfo(file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path);
            if (!file.Exists)
                return $"a link to '{link}', which does not exist";
        }

        isEmpty = file.Length == 0;
        return null;
    }
}
