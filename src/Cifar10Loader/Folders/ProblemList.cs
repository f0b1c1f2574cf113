using System.Text;

namespace Cifar10Loader;

/// <summary>Collects everything wrong with a folder or manifest, so that one error tells it all.</summary>
internal sealed class ProblemList(string source)
{
    private const int Shown = 50;

    private readonly List<string> _problems = [];

    public void Add(string problem) => _problems.Add(problem);

    /// <exception cref="InvalidDataException">There are problems; at most 50 are listed, all are counted.</exception>
    public void ThrowIfAny(string advice = "")
    {
        if (_problems.Count == 0)
            return;
        var message = new StringBuilder($"'{source}' has {_problems.Count} problem{(_problems.Count == 1 ? "" : "s")}:");
        foreach (string problem in _problems.Take(Shown))
            message.Append("\n  ").Append(problem);
        if (_problems.Count > Shown)
            message.Append($"\n  ... and {_problems.Count - Shown} more");
        if (advice != "")
            message.Append('\n').Append(advice);
        throw new InvalidDataException(message.ToString());
    }

    /// <summary>Notes an image file that is missing, empty or has a name no text can hold.</summary>
    public void CheckFile(string place, string path)
    {
        if (path.Contains('\uFFFD'))
        {
            Add($"{place}the file name is not valid UTF-8; rename the file");
            return;
        }

        var file = new FileInfo(path);
        if (!file.Exists)
            Add($"{place}no such file");
        else if (file.Attributes.HasFlag(FileAttributes.ReparsePoint) && !File.Exists(Target(file)))
            Add($"{place}a link to '{file.LinkTarget}', which does not exist");
        else if (new FileInfo(Target(file)) is { Length: 0 })
            Add($"{place}the file is empty");
    }

    private static string Target(FileInfo file) => file.Attributes.HasFlag(FileAttributes.ReparsePoint)
        ? file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName
        : file.FullName;

    /// <summary>Notes classes that differ only in case: on many file systems they are the same.</summary>
    public void CheckCase(IEnumerable<string> classNames)
    {
        foreach (IGrouping<string, string> same in classNames.GroupBy(name => name, StringComparer.OrdinalIgnoreCase))
        {
            if (same.Count() > 1)
                Add($"the classes {string.Join(", ", same.Select(name => $"'{name}'"))} differ only in case; rename or merge them");
        }
    }
}
