namespace MlNet.ImageClassification;

/// <summary>What the parts of a training share: the network, what has been reached, and the wish to stop.</summary>
/// <param name="network">The network that is trained.</param>
/// <param name="epochLimit">The epochs after which the training ends.</param>
/// <param name="log">Where it is told.</param>
internal sealed class TrainingContext(ClassificationNetwork network, int epochLimit, TrainingLog log)
{
    private readonly List<EpochMetrics> _epochs = [];

    public ClassificationNetwork Network { get; } = network;

    public int EpochLimit { get; } = epochLimit;

    public TrainingLog Log { get; } = log;

    /// <summary>The whole epochs so far, those of an earlier run that is continued included.</summary>
    public IReadOnlyList<EpochMetrics> Epochs => _epochs;

    /// <summary>Whether the training ends before its last epoch because a callback asked for it.</summary>
    public bool StopRequested { get; set; }

    public bool IsComplete => StopRequested || Epochs.Count >= EpochLimit;

    public void Add(EpochMetrics epoch) => _epochs.Add(epoch);

    /// <summary>Takes over the epochs of an earlier run.</summary>
    public void Resume(IEnumerable<EpochMetrics> epochs) => _epochs.AddRange(epochs);
}
