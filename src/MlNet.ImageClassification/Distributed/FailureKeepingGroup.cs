using System.Runtime.ExceptionServices;

namespace MlNet.ImageClassification;

/// <summary>
/// Processes as batch norms need them: where a sum fails, that is kept until somebody asks. A gradient is computed in a callback of LibTorch,
/// and an exception thrown there would end the process instead of <c>Fit</c>.
/// </summary>
/// <param name="group">The processes.</param>
internal sealed class FailureKeepingGroup(IProcessGroup group) : IProcessGroup
{
    private ExceptionDispatchInfo? _failure;

    public int Rank => group.Rank;

    public int Size => group.Size;

    public int LocalRank => group.LocalRank;

    public void Sum(Span<float> values) => group.Sum(values);

    public void Sum(Span<double> values)
    {
        if (_failure is not null)
            return;
        try
        {
            group.Sum(values);
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    public void Broadcast(Span<byte> bytes) => group.Broadcast(bytes);

    public void Abandon(Exception reason) => group.Abandon(reason);

    /// <summary>Throws what was kept; what was summed since then is worthless.</summary>
    public void ThrowIfFailed() => _failure?.Throw();
}
