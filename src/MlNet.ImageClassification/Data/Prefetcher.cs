using System.Threading.Channels;

namespace MlNet.ImageClassification;

/// <summary>Runs an enumeration on a thread of its own, a few items ahead of its one reader.</summary>
/// <typeparam name="T">What is produced.</typeparam>
internal sealed class Prefetcher<T> : IDisposable
{
    private readonly Channel<T> _items;
    private readonly CancellationTokenSource _stop;
    private readonly Thread _thread;

    /// <summary>Starts to produce.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="ahead">How many items may wait for the reader.</param>
    /// <param name="produce">The items; runs on the thread. Where an item takes long, it should end when its token says so.</param>
    /// <param name="cancellation">Ends the reading with an <see cref="OperationCanceledException"/>.</param>
    public Prefetcher(string name, int ahead, Func<CancellationToken, IEnumerable<T>> produce, CancellationToken cancellation = default)
    {
        _items = Channel.CreateBounded<T>(new BoundedChannelOptions(ahead) { SingleReader = true, SingleWriter = true });
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _thread = new Thread(() => Run(produce)) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>
    /// Waits for the next item; false at the end. What the producer threw is thrown here, after the items that came before it.
    /// </summary>
    public bool TryRead(out T item)
    {
        while (!_items.Reader.TryRead(out item!))
            if (!Wait(_items.Reader.WaitToReadAsync()))
                return false;
        return true;
    }

    /// <summary>Stops the producer and waits until its thread has ended.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run(Func<CancellationToken, IEnumerable<T>> produce)
    {
        try
        {
            foreach (var item in produce(_stop.Token))
            {
                _stop.Token.ThrowIfCancellationRequested();
                while (!_items.Writer.TryWrite(item))
                    Wait(_items.Writer.WaitToWriteAsync(_stop.Token));
            }
            _items.Writer.Complete();
        }
        catch (Exception e)
        {
            _items.Writer.Complete(e);
        }
    }

    private static bool Wait(ValueTask<bool> ready) => ready.IsCompletedSuccessfully ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
}
