using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A cursor that moves by itself: it counts its position and closes itself after the last row.</summary>
internal abstract class RootCursorBase : DataViewRowCursor
{
    protected readonly IChannel Ch;
    private long _position = -1;
    private bool _disposed;

    protected RootCursorBase(IChannelProvider provider)
    {
        Contracts.CheckValue(provider, nameof(provider));
        Ch = provider.Start("Cursor");
    }

    public sealed override long Position => _position;

    protected bool IsGood => _position >= 0;

    public sealed override bool MoveNext()
    {
        if (_disposed)
            return false;
        if (MoveNextCore())
        {
            _position++;
            return true;
        }
        Dispose();
        return false;
    }

    protected abstract bool MoveNextCore();

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        if (disposing)
        {
            Ch.Dispose();
            _position = -1;
        }
    }
}

/// <summary>A cursor that moves its input at its own pace, as filters and shuffles do.</summary>
internal abstract class LinkedRootCursorBase : RootCursorBase
{
    protected LinkedRootCursorBase(IChannelProvider provider, DataViewRowCursor input)
        : base(provider)
    {
        Input = input;
    }

    protected DataViewRowCursor Input { get; }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Input.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A cursor in step with its input, as of row-to-row transforms.</summary>
internal abstract class SynchronizedCursorBase : DataViewRowCursor
{
    protected readonly IChannel Ch;
    private readonly DataViewRowCursor _root;
    private bool _disposed;

    protected SynchronizedCursorBase(IChannelProvider provider, DataViewRowCursor input)
    {
        Ch = provider.Start("Cursor");
        Input = input;
        // Moves the start of a long chain directly, rather than link by link.
        _root = (input as SynchronizedCursorBase)?._root ?? input;
    }

    public sealed override long Position => _root.Position;

    public sealed override long Batch => _root.Batch;

    protected DataViewRowCursor Input { get; }

    protected bool IsGood => Position >= 0;

    public sealed override bool MoveNext() => _root.MoveNext();

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        if (disposing)
        {
            Input.Dispose();
            Ch.Dispose();
        }
    }
}

/// <summary>A row computed from another, which it owns.</summary>
internal abstract class WrappingRow : DataViewRow
{
    private bool _disposed;

    protected WrappingRow(DataViewRow input)
    {
        Input = input;
    }

    public sealed override long Batch => Input.Batch;

    public sealed override long Position => Input.Position;

    protected DataViewRow Input { get; }

    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected sealed override void Dispose(bool disposing)
    {
        if (_disposed)
            return;
        _disposed = true;
        DisposeCore(disposing);
        if (disposing)
            Input.Dispose();
    }

    protected virtual void DisposeCore(bool disposing)
    {
    }
}
