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
    /// A folder for a checkpoint that is written after each epoch. A training that was killed goes on after its last whole epoch
    /// when <c>Fit</c> is called again with the same folder; see <see cref="Resume"/>. One training at a time may use a folder.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: no checkpoints.</value>
    public string? WorkspacePath { get; set; }

    /// <summary>What becomes of a checkpoint that is found in <see cref="WorkspacePath"/>.</summary>
    /// <value>The default value is <see cref="ResumeMode.Auto"/>.</value>
    public ResumeMode Resume { get; set; } = ResumeMode.Auto;

    /// <summary>Called after each epoch, on the thread that trains.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public Action<EpochMetrics>? MetricsCallback { get; set; }

    /// <summary>Told about the progress several times a second, on the thread that trains.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>
    /// Stops the training. Before the first epoch has ended nothing useful was learned and <c>Fit</c> throws
    /// <see cref="OperationCanceledException"/>; later it returns the best network so far.
    /// </summary>
    /// <value>The default value never cancels.</value>
    public CancellationToken CancellationToken { get; set; }

    private void ValidateRun()
    {
        OptionRule.RequireDefined(Precision, nameof(Precision));
        OptionRule.RequireDefined(Resume, nameof(Resume));
        if (WorkspacePath is not null && string.IsNullOrWhiteSpace(WorkspacePath))
            throw new ArgumentException(
                $"{nameof(WorkspacePath)} is empty; it must name a folder, or be null for no checkpoints.", nameof(WorkspacePath));
        OptionRule.Require(
            WorkspacePath is not null || Resume is ResumeMode.Auto or ResumeMode.Never, nameof(Resume), Resume,
            $"it needs a {nameof(WorkspacePath)} that has a checkpoint");
    }
}
