namespace MlNet.ImageClassification.Tests;

/// <summary>A process group whose ranks are threads of this process. A rank that abandons it ends the others' waiting with an exception.</summary>
internal sealed class ThreadGroup : IProcessGroup
{
    private readonly Meeting _meeting;

    private ThreadGroup(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Size => _meeting.Barrier.ParticipantCount;

    public int LocalRank => Rank;

    /// <summary>Runs an action on as many threads; what each of them came to, or threw.</summary>
    public static (T? Result, Exception? Error)[] Run<T>(int size, Func<IProcessGroup, T> action)
    {
        using var barrier = new Barrier(size);
        using var stop = new CancellationTokenSource();
        var meeting = new Meeting(barrier, new Array[size], stop);
        var outcomes = new (T?, Exception?)[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            var group = new ThreadGroup(meeting, rank);
            try
            {
                outcomes[rank] = (action(group), null);
            }
            catch (Exception e)
            {
                outcomes[rank] = (default, e);
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return outcomes;
    }

    public void Sum(Span<float> values) => Exchange(values, (sum, more) => sum + more);

    public void Sum(Span<double> values) => Exchange(values, (sum, more) => sum + more);

    public void Broadcast(Span<byte> bytes) => Exchange(bytes, (first, _) => first);

    public void Abandon(Exception reason) => _meeting.Stop.Cancel();

    private void Exchange<T>(Span<T> values, Func<T, T, T> combine)
    {
        _meeting.Values[Rank] = values.ToArray();
        _meeting.Barrier.SignalAndWait(_meeting.Stop.Token);
        var all = _meeting.Values.Cast<T[]>().ToArray();
        _meeting.Barrier.SignalAndWait(_meeting.Stop.Token);
        Assert.IsTrue(all.All(one => one.Length == all[0].Length), "the ranks exchange different things");
        for (int i = 0; i < values.Length; i++)
            values[i] = all.Select(one => one[i]).Aggregate(combine);
    }

    private sealed record Meeting(Barrier Barrier, Array[] Values, CancellationTokenSource Stop);
}
