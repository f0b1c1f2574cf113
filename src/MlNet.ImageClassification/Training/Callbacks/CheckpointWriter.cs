namespace MlNet.ImageClassification;

/// <summary>Writes a checkpoint after each epoch. Neither a full disk nor a missing permission may cost the hours that the training took.</summary>
/// <param name="store">Where to.</param>
/// <param name="state">What a checkpoint holds at this moment.</param>
internal sealed class CheckpointWriter(CheckpointStore store, Func<Checkpoint> state) : ITrainingCallback
{
    private int _savedEpoch;

    /// <summary>Tells that an earlier run's checkpoint is there.</summary>
    public void Resume(int epoch) => _savedEpoch = epoch;

    public void OnEpochEnd(TrainingContext context)
    {
        int epoch = context.Epochs.Count;
        try
        {
            store.Save(state());
            _savedEpoch = epoch;
        }
        catch (Exception e) when (CheckpointStore.IsOfTheDisk(e))
        {
            context.Log.Warning(
                $"The checkpoint of epoch {epoch} could not be written: {e.Message.TrimEnd('.')}. Training goes on; were it killed now, it " +
                $"would {(_savedEpoch > 0 ? $"continue after epoch {_savedEpoch}" : "start afresh")}. Make room in '{store.Folder}'.");
        }
    }
}
