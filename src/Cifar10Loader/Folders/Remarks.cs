namespace Cifar10Loader;

/// <summary>
/// Counts what is left out of a folder or manifest, or kept although something is odd, so that one warning for each kind
/// tells how many there are and names the first.
/// </summary>
internal sealed class Remarks(string source)
{
    private const int Shown = 5;

    private readonly Dictionary<string, List<string>> _names = [];

    /// <param name="kind">What the warning calls the names, for instance "empty files".</param>
    /// <param name="name">The file, folder or class.</param>
    public void Add(string kind, string name)
    {
        if (!_names.TryGetValue(kind, out List<string>? names))
            _names.Add(kind, names = []);
        names.Add(name);
    }

    public void WriteTo(LoaderLog log)
    {
        foreach ((string kind, List<string> names) in _names)
        {
            string more = names.Count > Shown ? ", ..." : "";
            log.Warning($"'{source}': {kind}: {names.Count:N0} ({string.Join(", ", names.Take(Shown))}{more})");
        }
    }
}
