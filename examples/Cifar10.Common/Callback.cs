namespace CifarExamples;

/// <summary>Reports on the calling thread, in order; <see cref="Progress{T}"/> would post each report to the thread pool.</summary>
internal sealed class Callback<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
