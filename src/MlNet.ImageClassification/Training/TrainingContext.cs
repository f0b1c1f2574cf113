namespace MlNet.ImageClassification;

/// <summary>What the parts of a training share: the networks, what has been reached, and the wish to stop.</summary>
/// <param name="network">The network that is trained.</param>
/// <param name="result">The network that is validated and kept: the one that is trained, or an average over its steps.</param>
/// <param name="epochLimit">The epochs after which the training ends.</param>
/// <param name="log">Where it is told.</param>
internal sealed class TrainingContext(ClassificationNetwork network, ClassificationNetwork result, int epochLimit, TrainingLog log)
{
    private readonly List<EpochMetrics> _epochs = [];

    public ClassificationNetwork Network { get; } = network;

    public ClassificationNetwork Result { get; } = result;

    public int EpochLimit { get; } = epochLimit;

    public TrainingLog Log { get; } = log;

    /// <summary>The whole epochs so far, those of an earlier run that is continued included.</summary>
    public IReadOnlyList<EpochMetrics> Epochs => _epochs;

    /// <summary>How far the next epoch is already.</summary>
    public EpochPosition Position { get; set; }

    /// <summary>Whether the training ends before its last epoch because a callback asked for it.</summary>
    public bool StopRequested { get; set; }

    public bool IsComplete => StopRequested || Epochs.Count >= EpochLimit;

    public void Add(EpochMetrics epoch)
    {
        _epochs.Add(epoch);
        Position = default;
    }

    /// <summary>Takes over the epochs of an earlier run.</summary>
    public void Resume(IEnumerable<EpochMetrics> epochs, EpochPosition position)
    {
        _epochs.AddRange(epochs);
        Position = position;
    }
}
