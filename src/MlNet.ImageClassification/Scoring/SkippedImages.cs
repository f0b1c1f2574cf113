using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Counts rows that got no scores because of a bad image, and tells of them in the log.</summary>
internal sealed class SkippedImages(IHostEnvironment? environment)
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
            $"{_count} {(_count == 1 ? "row has" : "rows have")} missing scores because of a bad image. {string.Join(' ', _reasons)}" +
            (_count > Told ? " And so on." : ""));
        _count = 0;
        _reasons.Clear();
    }
}
