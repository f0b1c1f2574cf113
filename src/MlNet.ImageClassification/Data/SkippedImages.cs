using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Counts rows for which nothing was computed because of a bad image, and tells of them in the log.</summary>
/// <param name="environment">Receives the log; null for none.</param>
/// <param name="consequence">What the rows have instead, such as "missing scores".</param>
internal sealed class SkippedImages(IHostEnvironment? environment, string consequence)
{
    private const int Told = 3;

    private readonly List<string> _reasons = [];
    private long _count;

    /// <summary>Counts a row.</summary>
    public void Add(string reason)
    {
        _count++;
        if (_reasons.Count < Told)
            _reasons.Add(reason);
    }

    /// <summary>Logs the rows since the last time, if any.</summary>
    public void Report()
    {
        if (_count == 0)
            return;
        using var log = new TrainingLog(environment);
        log.Warning(
            $"{_count} {(_count == 1 ? "row has" : "rows have")} {consequence} because of a bad image. {string.Join(' ', _reasons)}" +
            (_count > Told ? " And so on." : ""));
        _count = 0;
        _reasons.Clear();
    }
}
