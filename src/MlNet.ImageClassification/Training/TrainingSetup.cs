namespace MlNet.ImageClassification;

/// <summary>A network that is about to learn, and what from.</summary>
/// <param name="Network">On its device and with its first weights.</param>
/// <param name="Data">What to train on.</param>
/// <param name="Options">How to train; with a seed.</param>
/// <param name="BatchSize">Images per step.</param>
/// <param name="InitialWeights">The file the network's weights are from; null for random weights.</param>
/// <param name="Model">What the model is to be.</param>
/// <param name="Target">Where the network is and the type it computes in.</param>
/// <param name="Store">The workspace, or null.</param>
/// <param name="Log">Where it is told.</param>
internal sealed record TrainingSetup(
    ClassificationNetwork Network, TrainingData Data, ImageClassificationOptions Options, int BatchSize, InitialWeights? InitialWeights,
    ModelDefinition Model, ComputeTarget Target, CheckpointStore? Store, TrainingLog Log)
{
    /// <summary>The processes that train together.</summary>
    public required Replicas Replicas { get; init; }

    /// <summary>Where TensorBoard is told; null for nowhere.</summary>
    public EventFile? Events { get; init; }
}
