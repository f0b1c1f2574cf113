namespace MlNet.ImageClassification;

/// <summary>Lowers the learning rate when the validation loss no longer improves.</summary>
/// <param name="decay">What the rate is multiplied by.</param>
/// <param name="patience">Epochs in a row without an improvement that are let pass.</param>
/// <param name="threshold">The share of the lowest loss by which a loss must be lower to have improved.</param>
internal sealed class PlateauWatch(double decay, int patience, double threshold) : IStatefulCallback
{
    private double _lowest = double.PositiveInfinity;
    private int _epochsWithout;

    public string Name => nameof(LearningRateSchedule.ReduceOnPlateau);

    /// <summary>What the learning rate is multiplied by at present.</summary>
    public double Factor { get; private set; } = 1;

    public void OnEpochEnd(TrainingContext context)
    {
        var last = context.Epochs[^1];
        if (!Lowers(last.ValidationLoss!.Value))
            return;
        context.Log.Info(FormattableString.Invariant(
            $"The learning rate is lowered to {Factor} of its peak: the validation loss has not improved in {Quantity.Of(patience + 1, "epoch")}."));
    }

    /// <summary>Takes note of an epoch's loss; whether the rate is lower from now on. A loss that is not a number is no improvement.</summary>
    public bool Lowers(double loss)
    {
        if (loss < _lowest * (1 - threshold))
            (_lowest, _epochsWithout) = (loss, 0);
        else
            _epochsWithout++;
        if (_epochsWithout <= patience)
            return false;
        Factor *= decay;
        _epochsWithout = 0;
        return true;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_lowest);
        writer.Write(_epochsWithout);
        writer.Write(Factor);
    }

    public void Load(BinaryReader reader) => (_lowest, _epochsWithout, Factor) = (reader.ReadDouble(), reader.ReadInt32(), reader.ReadDouble());
}
