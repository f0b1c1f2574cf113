namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class PrefetcherTests
{
    [TestMethod]
    public void Items_come_in_order_and_then_the_end()
    {
        using var items = new Prefetcher<int>("test", ahead: 2, _ => Enumerable.Range(0, 1000));

        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).ToArray(), ReadAll(items).ToArray());
        Assert.IsFalse(items.TryRead(out _));
    }

    [TestMethod]
    public void A_failure_comes_after_the_items_before_it()
    {
        using var items = new Prefetcher<int>("test", ahead: 8, _ => Enumerable.Range(0, 5).Select(i => 12 / (3 - i)));

        var read = new List<int>();
        Assert.ThrowsExactly<DivideByZeroException>(() =>
        {
            foreach (int item in ReadAll(items))
                read.Add(item);
        });

        CollectionAssert.AreEqual(new[] { 4, 6, 12 }, read);
    }

    [TestMethod]
    public void The_producer_is_never_further_ahead_than_told()
    {
        int produced = 0;
        using var items = new Prefetcher<int>("test", ahead: 3, _ => Enumerable.Range(0, 100).Select(_ => Interlocked.Increment(ref produced)));

        for (int taken = 1; taken <= 50; taken++)
        {
            Assert.IsTrue(items.TryRead(out _));
            // Those taken, three that wait and one that waits to wait.
            Assert.IsLessThanOrEqualTo(taken + 4, Volatile.Read(ref produced));
        }
    }

    [TestMethod]
    public void Canceled_it_stops_a_producer_that_waits_for_its_reader()
    {
        using var source = new CancellationTokenSource();
        using var items = new Prefetcher<int>("test", ahead: 1, _ => Endless(), source.Token);
        Assert.IsTrue(items.TryRead(out _));

        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => ReadAll(items).Count());
    }

    [TestMethod]
    public void Disposed_in_the_middle_it_has_ended_its_thread_and_disposed_what_it_walked_through()
    {
        Thread? producer = null;
        bool disposed = false;
        var items = new Prefetcher<int>("test", ahead: 1, _ => Watched());
        Assert.IsTrue(items.TryRead(out _));

        items.Dispose();

        Assert.IsTrue(disposed);
        Assert.IsFalse(producer!.IsAlive);

        IEnumerable<int> Watched()
        {
            producer = Thread.CurrentThread;
            try
            {
                foreach (int i in Endless())
                    yield return i;
            }
            finally
            {
                disposed = true;
            }
        }
    }

    private static IEnumerable<int> Endless()
    {
        for (int i = 0; ; i++)
            yield return i;
    }

    private static IEnumerable<int> ReadAll(Prefetcher<int> items)
    {
        while (items.TryRead(out int item))
            yield return item;
    }
}
