using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// A data view over another. Where nothing speaks against it, it is read by several cursors on worker threads and
/// their rows are put back in order.
/// </summary>
internal abstract class TransformBase : IDataView
{
    protected readonly IHost Host;

    protected TransformBase(IHostEnvironment env, string name, IDataView input)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(input, nameof(input));
        Host = env.Register(name);
        Source = input;
    }

    public IDataView Source { get; }

    public virtual bool CanShuffle => Source.CanShuffle;

    public abstract DataViewSchema OutputSchema { get; }

    DataViewSchema IDataView.Schema => OutputSchema;

    public abstract long? GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = RowCursorUtils.GetActive(OutputSchema, columnsNeeded);
        var needed = OutputSchema.Where(column => active[column.Index]);
        rand = CanShuffle ? rand : null;
        if (ShouldUseParallelCursors(active) == false || !ParallelCursors.CanCarry(needed))
            return GetRowCursorCore(needed, rand);
        return ParallelCursors.Consolidate(Host, GetRowCursorSet(needed, ParallelCursors.ThreadCount, rand));
    }

    public abstract DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null);

    /// <summary>Whether reading these columns is work for several threads; null leaves it to the input.</summary>
    protected abstract bool? ShouldUseParallelCursors(bool[] active);

    protected abstract DataViewRowCursor GetRowCursorCore(
        IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);
}
