namespace MlNet.ImageClassification;

/// <summary>
/// Keeps a copy of the weights of the best epoch: the highest validation accuracy, then the lowest validation loss; without
/// validation the last epoch. An epoch without validation never beats one with it, nor a loss that is not finite any other.
/// </summary>
/// <param name="keepLast">Whether the last epoch is taken for the best.</param>
internal sealed class BestWeights(bool keepLast = false) : IStatefulCallback
{
    public string Name => "best weights";

    private NetworkWeights? _weights;

    /// <summary>The best epoch, from 1; 0 when there is none yet.</summary>
    public int Epoch { get; private set; }

    /// <summary>Its weights.</summary>
    public NetworkWeights? Weights => Epoch == 0 ? null : _weights;

    public void OnEpochEnd(TrainingContext context)
    {
        var last = context.Epochs[^1];
        if (!keepLast && !Beats(last, Epoch == 0 ? null : context.Epochs[Epoch - 1]))
            return;
        // Into the same memory each time: a training of many epochs stays as large as one of few.
        _weights = NetworkWeights.Of(context.Result, reuse: _weights);
        Epoch = last.Epoch;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(Epoch);
        Weights?.Write(writer);
    }

    public void Load(BinaryReader reader)
    {
        Epoch = reader.ReadInt32();
        _weights = Epoch == 0 ? null : NetworkWeights.Read(reader);
    }

    private static bool Beats(EpochMetrics candidate, EpochMetrics? best)
    {
        if (candidate.ValidationLoss is not double loss)
            return best?.ValidationLoss is null;
        if (!double.IsFinite(loss))
            return false;
        return best?.ValidationLoss is null
            || candidate.ValidationAccuracy > best.ValidationAccuracy
            || (candidate.ValidationAccuracy == best.ValidationAccuracy && loss < best.ValidationLoss);
    }
}
