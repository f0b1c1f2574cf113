namespace Cifar10Loader;

/// <summary>Turns the lines of a manifest into labeled images, and notes what is left out or wrong.</summary>
internal sealed class ManifestRows(
    string root, string pathSuffix, bool allowRepeats, bool skipMissing, Remarks remarks, ProblemList problems)
{
    private readonly Dictionary<string, (int Line, string Label)> _first = [];
    private bool _anyMissing;
    private string? _likelyHeader;
    private string? _likelySuffix;

    /// <summary>For each image its absolute path and its class.</summary>
    public List<(string Path, string Class)> Images { get; } = [];

    /// <summary>What most likely helps where files are missing.</summary>
    public string Advice => string.Join(' ', new[]
    {
        _likelyHeader,
        _anyMissing ? $"Relative paths start from '{root}'; skipMissing leaves missing files out." : null,
        _likelySuffix is null ? null : $"With pathSuffix: \"{_likelySuffix}\" there are files.",
    }.Where(advice => advice is not null));

    public void Add(int line, string[] values, ManifestColumns columns)
    {
        if (columns.HasHeader ? values.Length <= Math.Max(columns.Path, columns.Label) : values.Length != 2)
        {
            problems.Add($"line {line}: {values.Length} value{(values.Length == 1 ? "" : "s")}; expected a path and a label");
            return;
        }

        (string file, string label) = (values[columns.Path], values[columns.Label]);
        if (file == "" || label == "")
        {
            problems.Add(file == ""
                ? $"line {line}, column {columns.Path + 1}: the path is empty"
                : $"line {line}, column {columns.Label + 1}: the label is empty");
            return;
        }

        if (file.Contains('\0'))
        {
            problems.Add($"line {line}, column {columns.Path + 1}: the path has a zero byte; save the text as UTF-8");
            return;
        }

        if (!file.EndsWith(pathSuffix, StringComparison.OrdinalIgnoreCase))
            file += pathSuffix;
        string fullPath = FullPath(file);
        bool mayBeHeader = !columns.HasHeader && line == 1 && !File.Exists(fullPath);
        if (mayBeHeader)
            _likelyHeader = $"If line 1 is a header, name its columns: pathColumn: \"{values[0]}\", labelColumn: \"{values[1]}\".";
        else if (Path.GetExtension(file) is { Length: > 0 } extension && !ImageFiles.Extensions.Contains(extension))
        {
            remarks.Add(ImageFiles.OtherFormat(file), file);
            return;
        }

        AddFile(line, file, fullPath, label);
    }

    private void AddFile(int line, string file, string fullPath, string label)
    {
        if (!_first.TryAdd(fullPath, (line, label)))
        {
            (int firstLine, string firstLabel) = _first[fullPath];
            if (label != firstLabel)
                problems.Add($"line {line}: '{file}' is '{label}' here and '{firstLabel}' in line {firstLine}; delete one of the lines");
            else if (!allowRepeats)
                problems.Add($"line {line}: '{file}' is listed twice, first in line {firstLine}; delete it, or set allowRepeats");
        }

        string? fault = ImageFiles.Fault(fullPath, out bool isEmpty);
        if (fault is not null && skipMissing)
        {
            remarks.Add("missing files left out", file);
            return;
        }

        if (fault is not null)
        {
            _anyMissing = true;
            problems.Add($"line {line}: '{file}': {fault}");
            _likelySuffix ??= ImageFiles.Extensions.FirstOrDefault(extension => File.Exists(fullPath + extension));
        }

        if (isEmpty)
            remarks.Add("empty files kept, which will not decode", file);
        Images.Add((fullPath, label));
    }

    /// <summary>On Unix, a path written on Windows is tried with its backslashes turned.</summary>
    private string FullPath(string file)
    {
        string asWritten = Path.GetFullPath(Path.Combine(root, file));
        return file.Contains('\\') && !File.Exists(asWritten)
            ? Path.GetFullPath(Path.Combine(root, file.Replace('\\', '/')))
            : asWritten;
    }
}
