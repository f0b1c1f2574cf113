using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Counts what could not be read and reports it, in detail for the first ten of each kind.</summary>
internal sealed class ParseStatistics
{
    private const int MaxShown = 10;

    private readonly IChannel _channel;
    private readonly string _path;
    private int _cursorCount;
    private long _rowCount;
    private long _badValueCount;
    private long _formatErrorCount;

    public ParseStatistics(IChannelProvider provider, string path, int cursorCount)
    {
        _channel = provider.Start("ParseStats");
        _path = path;
        _cursorCount = cursorCount;
    }

    public void CountRow() => Interlocked.Increment(ref _rowCount);

    /// <param name="slot">Number of the vector's slot, or null for a scalar.</param>
    public void BadValue(long line, string column, int? slot)
    {
        var count = Interlocked.Increment(ref _badValueCount);
        if (count > MaxShown)
            return;
        _channel.Info(MessageSensitivity.Schema, $"  Bad value at line {line} in column {column}" + (slot is null ? "" : $" at slot {slot}"));
        if (count == MaxShown)
            _channel.Info(MessageSensitivity.None, "  Suppressing further bad value messages");
    }

    public void FormatError(long line)
    {
        var count = Interlocked.Increment(ref _formatErrorCount);
        if (count > MaxShown)
            return;
        _channel.Warning($"Format error at {_path}({line}): Illegal quoting");
        if (count == MaxShown)
            _channel.Warning("Suppressing further format error messages");
    }

    /// <summary>Called by each cursor when it is done; the last one reports the totals.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _cursorCount) > 0)
            return;
        if (_badValueCount > 0 || _formatErrorCount > 0)
        {
            _channel.Info(MessageSensitivity.None,
                $"Processed {_rowCount} rows with {_badValueCount} bad values and {_formatErrorCount} format errors");
        }
        _channel.Dispose();
    }
}
