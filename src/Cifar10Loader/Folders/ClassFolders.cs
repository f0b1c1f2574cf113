namespace Cifar10Loader;

/// <summary>Walks a directory of class folders and sorts what is there: images, what to leave out, what is wrong.</summary>
internal sealed class ClassFolders
{
    private static readonly HashSet<string> SystemNames = new(
        [
            "@eaDir", "#recycle", "#snapshot", "@Recycle", "$RECYCLE.BIN", "System Volume Information", "__MACOSX", "lost+found",
            "Thumbs.db", "ehthumbs.db", "desktop.ini",
        ],
        StringComparer.OrdinalIgnoreCase);

    private readonly string _root;
    private readonly Func<string, bool>? _filter;
    private readonly Remarks _remarks;
    private readonly ProblemList _problems;

    /// <param name="root">The directory with the class folders, an absolute path.</param>
    /// <param name="filter">Which images to take, by their path relative to the root; null takes all.</param>
    /// <param name="remarks">Receives what is left out, or kept although it is empty.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public ClassFolders(string root, Func<string, bool>? filter, Remarks remarks, ProblemList problems)
    {
        (_root, _filter, _remarks, _problems) = (root, filter, remarks, problems);
        foreach (string path in Entries(root, Directory.GetFiles).Where(IsWanted))
        {
            problems.Add(
                $"{Path.GetFileName(path)}: an image outside the class folders; move it into one, or leave it out by the filter");
        }

        foreach (string folder in Entries(root, Directory.GetDirectories))
        {
            bool leftOut = false;
            int before = Images.Count;
            Collect(folder, Path.GetFileName(folder), ref leftOut);

            // A folder of which the filter took everything is no class, and that is what was asked for.
            if (Images.Count == before && !leftOut)
                Empty.Add(Path.GetFileName(folder));
        }
    }

    /// <summary>For each image its path relative to the root and its class, ordered by class and path.</summary>
    public List<(string Path, string Class)> Images { get; } = [];

    /// <summary>Class folders without an image.</summary>
    public List<string> Empty { get; } = [];

    /// <summary>The only class, where all its images lie in sub-folders: perhaps those are the classes.</summary>
    public string? InnerFolder =>
        Images.Select(image => image.Class).Distinct().Take(2).ToArray() is [var only]
        && Images.All(image => Path.GetDirectoryName(image.Path) != only)
            ? only
            : null;

    private void Collect(string folder, string className, ref bool leftOut)
    {
        if (LinksToItsParent(folder))
        {
            _problems.Add($"{Relative(folder)}: a link to a folder that contains it; delete the link");
            return;
        }

        foreach (string path in Entries(folder, Directory.GetFiles))
        {
            if (!IsWanted(path))
            {
                leftOut |= ImageFiles.Extensions.Contains(Path.GetExtension(path));
                continue;
            }

            if (ImageFiles.Fault(path, out bool isEmpty) is { } fault)
                _problems.Add($"{Relative(path)}: {fault}");
            if (isEmpty)
                _remarks.Add("empty files kept, which will not decode", Relative(path));
            Images.Add((Path.GetRelativePath(_root, path), className));
        }

        foreach (string inner in Entries(folder, Directory.GetDirectories))
            Collect(inner, className, ref leftOut);
    }

    private bool IsWanted(string path)
    {
        string? leftOutAs =
            !ImageFiles.Extensions.Contains(Path.GetExtension(path)) ? ImageFiles.OtherFormat(path)
            : _filter?.Invoke(Relative(path)) == false ? "images left out by the filter"
            : null;
        if (leftOutAs is not null)
            _remarks.Add(leftOutAs, Relative(path));
        return leftOutAs is null;
    }

    /// <summary>Entries that are neither hidden nor a system's own, in ordinal order: the same on every machine.</summary>
    private IEnumerable<string> Entries(string folder, Func<string, string[]> list)
    {
        string[] entries;
        try
        {
            entries = list(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder '{folder}' cannot be read: {e.Message}", e);
        }

        foreach (string path in entries.Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(path);
            if (name[0] != '.' && !SystemNames.Contains(name))
                yield return path;
            else
                _remarks.Add("hidden or system files and folders left out", Relative(path));
        }
    }

    private string Relative(string path) => Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');

    private static bool LinksToItsParent(string folder)
    {
        string? target = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return target is not null
            && (folder + Path.DirectorySeparatorChar).StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }
}
