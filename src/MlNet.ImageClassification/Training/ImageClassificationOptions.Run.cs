using Microsoft.ML;

namespace MlNet.ImageClassification;

// Where and how a training runs: device, checkpoints, progress.
public partial class ImageClassificationOptions
{
    /// <summary>Where the network is trained and, in this process, scored.</summary>
    /// <value>
    /// The default value is <see cref="ComputeDevice.Auto"/>: the device of <see cref="MLContext.GpuDeviceId"/> where the
    /// trainer was made with an MLContext that has one, else the first CUDA device, else the CPU.
    /// </value>
    public ComputeDevice Device { get; set; } = ComputeDevice.Auto;

    /// <summary>The arithmetic of convolutions in training and in scoring. Weights are always kept in float32.</summary>
    /// <value>The default value is <see cref="ComputePrecision.Auto"/>.</value>
    public ComputePrecision Precision { get; set; } = ComputePrecision.Auto;

    /// <summary>
    /// Seeds the weights, the order of the images, the augmentation and the choice of held-out rows. The same seed on the same
    /// machine with the same number of threads gives the same network.
    /// </summary>
    /// <value>
    /// The default value is <see langword="null"/>: that of the MLContext the trainer was made with, or a random one, which the log
    /// and <see cref="TrainingReport.Seed"/> tell.
    /// </value>
    public int? Seed { get; set; }

    /// <summary>
    /// A folder for checkpoints: one is written after each epoch, and within long ones after each <see cref="CheckpointInterval"/>. A
    /// training that was killed goes on after the last of them when <c>Fit</c> is called again with the same folder; see
    /// <see cref="Resume"/>. Each holds the weights of the last step and of the best epoch, which
    /// <see cref="CheckpointCatalog.LoadCheckpoint"/> makes a model of. One training at a time may use a folder.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: no checkpoints.</value>
    public string? WorkspacePath { get; set; }

    /// <summary>After how much time within an epoch another checkpoint is written. At least 0, which is after each step.</summary>
    /// <value>The default value is ten minutes.</value>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How many checkpoints are kept, the newest. At least 1; with 2 or more a training goes on even when its newest checkpoint is damaged.
    /// </summary>
    /// <value>The default value is 2.</value>
    public int CheckpointsKept { get; set; } = 2;

    /// <summary>What becomes of a checkpoint that is found in <see cref="WorkspacePath"/>.</summary>
    /// <value>The default value is <see cref="ResumeMode.Auto"/>.</value>
    public ResumeMode Resume { get; set; } = ResumeMode.Auto;

    /// <summary>
    /// A folder for TensorBoard's event files: loss, accuracy, learning rate and images per second of each epoch, and some augmented
    /// training images. Each training adds a file; give each a folder of its own to have its curves apart.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: no events.</value>
    public string? LogDirectory { get; set; }

    /// <summary>Called after each epoch, on the thread that trains.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public Action<EpochMetrics>? MetricsCallback { get; set; }

    /// <summary>Told about the progress several times a second, on the thread that trains.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>
    /// Stops the training: the step is finished and a checkpoint written where there is a <see cref="WorkspacePath"/>. Before the first
    /// epoch has ended nothing useful was learned and <c>Fit</c> throws <see cref="OperationCanceledException"/>; later
    /// <see cref="OnCancellation"/> decides.
    /// </summary>
    /// <value>The default value never cancels.</value>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What becomes of a training that is canceled after its first epoch.</summary>
    /// <value>The default value is <see cref="CancellationPolicy.ReturnBest"/>.</value>
    public CancellationPolicy OnCancellation { get; set; } = CancellationPolicy.ReturnBest;

    /// <summary>
    /// The processes that train this network together; each of them calls <c>Fit</c> with the same options and the same rows. Every batch
    /// of <see cref="BatchSize"/> images is divided among them, so that they take the steps that one process would take. Rank 0 alone
    /// logs, writes checkpoints and calls back; all return the same network.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: this process trains alone.</value>
    public IProcessGroup? ProcessGroup { get; set; }

    /// <summary>
    /// Whether batch norms see the images of all processes of <see cref="ProcessGroup"/>: then any number of processes trains the network
    /// that one would, for two more exchanges per batch norm and step. Otherwise each normalizes over its own images.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool SynchronizeBatchNorm { get; set; }

    private void ValidateRun()
    {
        OptionRule.Require(
            !Recipe.ClassifierOnly || Resume is ResumeMode.Auto or ResumeMode.Never, nameof(Resume), Resume,
            $"with {nameof(Recipe.ClassifierOnly)} there is no checkpoint to go on from");
        OptionRule.RequireDefined(Precision, nameof(Precision));
        OptionRule.RequireDefined(Resume, nameof(Resume));
        OptionRule.RequireDefined(OnCancellation, nameof(OnCancellation));
        OptionRule.Require(CheckpointInterval >= TimeSpan.Zero, nameof(CheckpointInterval), CheckpointInterval, "it must be 0 or more");
        OptionRule.Require(
            ProcessGroup is null || (ProcessGroup.Rank >= 0 && ProcessGroup.Rank < ProcessGroup.Size), nameof(ProcessGroup),
            $"rank {ProcessGroup?.Rank} of {ProcessGroup?.Size}", "a rank must be at least 0 and below the size");
        OptionRule.Require(CheckpointsKept >= 1, nameof(CheckpointsKept), CheckpointsKept, "it must be at least 1");
        if (WorkspacePath is not null && string.IsNullOrWhiteSpace(WorkspacePath))
            throw new ArgumentException(
                $"{nameof(WorkspacePath)} is empty; it must name a folder, or be null for no checkpoints.", nameof(WorkspacePath));
        if (LogDirectory is not null && string.IsNullOrWhiteSpace(LogDirectory))
            throw new ArgumentException(
                $"{nameof(LogDirectory)} is empty; it must name a folder, or be null for no events.", nameof(LogDirectory));
        OptionRule.Require(
            WorkspacePath is not null || Resume is ResumeMode.Auto or ResumeMode.Never, nameof(Resume), Resume,
            $"it needs a {nameof(WorkspacePath)} that has a checkpoint");
    }
}

/// <summary>What becomes of a training that is canceled.</summary>
public enum CancellationPolicy
{
    /// <summary><c>Fit</c> returns the network it would return had the last whole epoch been the last of all.</summary>
    ReturnBest,

    /// <summary><c>Fit</c> throws <see cref="OperationCanceledException"/>; the checkpoint of a workspace stays.</summary>
    Throw,
}
