namespace MlNet.ImageClassification.Tests;

/// <summary>Reports at once, on the thread that reports.</summary>
public sealed class Direct<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
