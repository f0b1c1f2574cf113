using System.Diagnostics;

namespace MlNet.ImageClassification;

/// <summary>
/// Writes a checkpoint after each epoch, and within one when it is time to. Neither a full disk nor a missing permission may cost the
/// hours that the training took.
/// </summary>
/// <param name="store">Where to.</param>
/// <param name="interval">The time after which one is due within an epoch.</param>
/// <param name="state">What a checkpoint holds at this moment.</param>
internal sealed class CheckpointWriter(CheckpointStore store, TimeSpan interval, Func<Checkpoint> state) : ITrainingCallback
{
    private long _last = Stopwatch.GetTimestamp();
    private string? _saved;

    /// <summary>Whether it is time for a checkpoint within the epoch.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(_last) >= interval;

    /// <summary>Tells that an earlier run's checkpoint is there.</summary>
    public void Resume(Checkpoint checkpoint) => _saved = checkpoint.Progress;

    public void OnEpochEnd(TrainingContext context) => Write(context);

    /// <summary>Writes a checkpoint.</summary>
    public void Write(TrainingContext context)
    {
        var checkpoint = state();
        try
        {
            store.Save(checkpoint);
            _saved = checkpoint.Progress;
        }
        catch (Exception e) when (CheckpointStore.IsOfTheDisk(e))
        {
            context.Log.Warning(
                $"The checkpoint after {checkpoint.Progress} could not be written: {e.Message.TrimEnd('.')}. Training goes on; were it killed now, it " +
                $"would {(_saved is null ? "start afresh" : $"continue after {_saved}")}. Make room in '{store.Folder}'.");
        }
        _last = Stopwatch.GetTimestamp();
    }
}
