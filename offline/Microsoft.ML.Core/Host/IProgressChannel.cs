namespace Microsoft.ML.Runtime;

public interface IProgressChannelProvider
{
    IProgressChannel StartProgressChannel(string name);
}

/// <summary>Reports how far a long computation has come. Nothing of it reaches <c>MLContext.Log</c>.</summary>
public interface IProgressChannel : IProgressChannelProvider, IDisposable
{
    /// <summary>Sets what is measured, and how to measure it when somebody asks.</summary>
    void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction);

    /// <summary>Reports metrics, then units done, then units in all, as far as given.</summary>
    void Checkpoint(params double?[] values);
}

public interface IProgressEntry
{
    void SetProgress(int index, double value);

    void SetProgress(int index, double value, double lim);

    void SetMetric(int index, double value);
}

public sealed class ProgressHeader
{
    public readonly IReadOnlyList<string> UnitNames;
    public readonly IReadOnlyList<string> MetricNames;

    public ProgressHeader(string[] metricNames, string[] unitNames)
    {
        MetricNames = metricNames ?? [];
        UnitNames = unitNames ?? [];
    }

    public ProgressHeader(params string[] unitNames)
        : this(null, unitNames)
    {
    }
}

/// <summary>
/// The progress channel of an environment nobody can listen to, which is what an MLContext is:
/// it holds its callers to the rules, and keeps nothing.
/// </summary>
internal sealed class ProgressChannel : IProgressChannel
{
    private readonly IExceptionContext _context;
    private ProgressHeader _header = new();
    private bool _disposed;

    public ProgressChannel(IExceptionContext context, string name)
    {
        context.CheckNonEmpty(name, nameof(name));
        _context = context;
    }

    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction) => _header = header;

    public void Checkpoint(params double?[] values)
    {
        _context.Check(!_disposed, "Can't report checkpoints after disposing");
        int room = _header.MetricNames.Count + 2 * _header.UnitNames.Count;
        _context.Check((values?.Length ?? 0) <= room, "Too many values provided in Checkpoint");
    }

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel(_context, name);

    public void Dispose() => _disposed = true;
}
