using System.Text;

namespace Cifar10Loader;

/// <summary>Collects everything wrong with a folder or manifest, so that one error tells it all.</summary>
internal sealed class ProblemList(string source)
{
    private const int Shown = 10;

    private readonly List<string> _problems = [];

    public void Add(string problem) => _problems.Add(problem);

    /// <exception cref="InvalidDataException">There are problems; the first are listed, all are counted.</exception>
    public void ThrowIfAny(string advice = "")
    {
        if (_problems.Count == 0)
            return;
        var message = new StringBuilder($"'{source}' has {_problems.Count:N0} problem{(_problems.Count == 1 ? "" : "s")}:");
        foreach (string problem in _problems.Take(Shown))
            message.Append("\n  ").Append(problem);
        if (_problems.Count > Shown)
            message.Append($"\n  ... and {_problems.Count - Shown:N0} more");
        if (advice != "")
            message.Append('\n').Append(advice);
        throw new InvalidDataException(message.ToString());
    }
}
