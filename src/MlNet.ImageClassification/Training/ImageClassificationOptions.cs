using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>
/// What every image-classification trainer of this library can be told. The defaults train a network from scratch with
/// the recipe that is common for small images: SGD with Nesterov momentum, one warm-up epoch, cosine decay,
/// pad-and-crop and flip.
/// </summary>
/// <remarks>
/// The trainer takes a copy of the options and checks it when it is constructed: an unusable value is reported there,
/// by name, and not in the middle of a training. Changing the options afterwards has no effect on the trainer.
/// </remarks>
public class ImageClassificationOptions
{
    private const int LargestDefaultBatch = 128;
    private const long LargestDefaultBatchPixels = 128 * 96 * 96;
    private const double LearningRateOfLargestBatch = 0.1;

    /// <summary>
    /// The column with the images: a vector of floats or bytes whose dimensions are [channels, height, width] or
    /// [height, width, channels], or an image column of known size.
    /// </summary>
    /// <value>The default value is <c>"Features"</c>.</value>
    public string FeatureColumnName { get; set; } = "Features";

    /// <summary>The label: a key column. The number of classes is the number of its keys.</summary>
    /// <value>The default value is <c>"Label"</c>.</value>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>The output column of class probabilities: a vector of floats, one per class, that sums to one.</summary>
    /// <value>The default value is <c>"Score"</c>.</value>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>The output column of the most probable class: a key with the key values of the label.</summary>
    /// <value>The default value is <c>"PredictedLabel"</c>.</value>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>How many times the training set is walked through. At least 1.</summary>
    /// <value>The default value is 30.</value>
    public int Epoch { get; set; } = 30;

    /// <summary>
    /// Images per training step, at least 2. With fewer images than this, one step takes them all. A last step of one
    /// image joins the step before, because batch normalization cannot train on a single image.
    /// </summary>
    /// <value>
    /// The default value is <see langword="null"/>: 128 for images of up to 96 x 96 pixels; for larger ones the power of two
    /// that keeps the pixels of a batch at or below those of 128 such images (64 at 128 x 128, 16 at 224 x 224), at least 2.
    /// </value>
    public int? BatchSize { get; set; }

    /// <summary>The peak learning rate, reached after the warm-up. Above 0, at most 100.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: 0.1 for batches of 128 images, and in proportion for smaller ones (0.0125
    /// for 16), because each epoch then has as many times more steps. Batches of more than 128 images keep 0.1.
    /// </value>
    public double? LearningRate { get; set; }

    /// <summary>The momentum of SGD, in Nesterov's form when above 0. At least 0 and below 1.</summary>
    /// <value>The default value is 0.9.</value>
    public double Momentum { get; set; } = 0.9;

    /// <summary>
    /// The weight decay of convolution and classifier weights, between 0 and 1. Biases and normalization parameters are
    /// not decayed.
    /// </summary>
    /// <value>The default value is 0.0005.</value>
    public double WeightDecay { get; set; } = 5e-4;

    /// <summary>
    /// Epochs, or a fraction of one, in which the learning rate rises linearly from 0 to <see cref="LearningRate"/>. It then
    /// falls to 0 along half a cosine. At least 0; at most half of <see cref="Epoch"/> is used.
    /// </summary>
    /// <value>The default value is 1.</value>
    public double WarmupEpochs { get; set; } = 1;

    /// <summary>The probability that the training target gives to all classes alike. At least 0 and below 1.</summary>
    /// <value>The default value is 0.1.</value>
    public double LabelSmoothing { get; set; } = 0.1;

    /// <summary>
    /// Pixels of zeros put around each training image before a window of the original size is cut out at a random
    /// place. 0 turns cropping off; <see langword="null"/> takes an eighth of the shorter side (4 for 32 pixels).
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public int? CropPadding { get; set; }

    /// <summary>Whether each training image is mirrored left to right with probability one half.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool HorizontalFlip { get; set; } = true;

    /// <summary>
    /// Progressive resizing: the share of their height and width that training images have in the first half of the epochs.
    /// They then grow from epoch to epoch and have their full size in the last fifth, at least in the last epoch. Small images
    /// cost less, and a network has most of its learning to do before details matter: with 0.5, ten epochs cost about as much
    /// as five. At least 0.25; 1 keeps the full size throughout. (fast.ai's entry to DAWNBench, 2018; Touvron et al., Fixing
    /// the train-test resolution discrepancy, arXiv 1906.06423, on why the last epochs need the full size.)
    /// </summary>
    /// <value>The default value is 1.</value>
    public double InitialImageScale { get; set; } = 1;

    /// <summary>The arithmetic of convolutions in training and in scoring. Weights are always kept in float32.</summary>
    /// <value>The default value is <see cref="ComputePrecision.Auto"/>.</value>
    public ComputePrecision Precision { get; set; } = ComputePrecision.Auto;

    /// <summary>Where the network is trained and, in this process, scored.</summary>
    /// <value>
    /// The default value is <see cref="ComputeDevice.Auto"/>: the device of <see cref="MLContext.GpuDeviceId"/> where the
    /// trainer was made with an MLContext that has one, else the first CUDA device, else the CPU.
    /// </value>
    public ComputeDevice Device { get; set; } = ComputeDevice.Auto;

    /// <summary>
    /// Rows to validate on after each epoch. They must have the feature and label columns that training sees, so inside
    /// a pipeline they have to pass through the same preceding transforms first.
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>
    /// The share of the training rows, class by class, that is held out for validation when there is no
    /// <see cref="ValidationSet"/>. At least 0 and below 1.
    /// </summary>
    /// <value>The default value is 0: nothing is held out.</value>
    public double ValidationSetFraction { get; set; }

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

    /// <summary>
    /// Seeds the weights, the order of the images and the augmentation. The same seed on the same machine with the same
    /// number of threads gives the same network.
    /// </summary>
    /// <value>The default value is 1.</value>
    public int Seed { get; set; } = 1;

    /// <summary>
    /// A safetensors file with weights to start from, named as the network's state dictionary names them: for ResNet as in
    /// torchvision, for ShuffleNet as in its authors' code. Published PyTorch weights are turned into such a file by
    /// <c>safetensors.torch.save_file(model.state_dict(), path)</c>. The classifier starts afresh where the file's tells another
    /// number of classes apart. The images must be normalized as they were for those weights.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: random weights.</value>
    public string? InitialWeightsPath { get; set; }

    /// <summary>
    /// A folder for a checkpoint that is written after each epoch and removed when the training is complete. A training
    /// that was killed continues after its last whole epoch when <c>Fit</c> is called again with the same folder.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: no checkpoints.</value>
    public string? WorkspacePath { get; set; }

    /// <summary>
    /// What the model does to the pixels it is given, in training and for good: it is saved with the model, so that scoring needs
    /// no transform for it. One figure per channel.
    /// </summary>
    /// <value>
    /// The default value is <see langword="null"/>: <see cref="ChannelNormalization.None"/> for float columns, which a pipeline has
    /// normalized already; for bytes and images <see cref="ChannelNormalization.ImageNet"/>, or with other than three channels
    /// (value - 127.5) / 63.75.
    /// </value>
    public ChannelNormalization? Normalization { get; set; }

    /// <summary>What happens when an image cannot be read or holds values that are not finite.</summary>
    /// <value>The default value is <see cref="BadImagePolicy.Fail"/>.</value>
    public BadImagePolicy BadImages { get; set; } = BadImagePolicy.Fail;

    /// <summary>
    /// How many MiB of images are kept in memory. A larger training set is read again in each epoch and shuffled in a
    /// pool of this size. At least 1; <see langword="null"/> takes a quarter of the memory available to the process, at most
    /// 2048.
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public int? PixelMemoryMegabytes { get; set; }

    /// <summary>Checks the options; called by the trainer's constructor.</summary>
    /// <remarks>A family that adds options overrides this and calls the base.</remarks>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    protected internal virtual void Validate()
    {
        RequireName(FeatureColumnName, nameof(FeatureColumnName));
        RequireName(LabelColumnName, nameof(LabelColumnName));
        RequireName(ScoreColumnName, nameof(ScoreColumnName));
        RequireName(PredictedLabelColumnName, nameof(PredictedLabelColumnName));
        if (ScoreColumnName == PredictedLabelColumnName)
            throw new ArgumentException(
                $"{nameof(ScoreColumnName)} and {nameof(PredictedLabelColumnName)} are both '{ScoreColumnName}'; " +
                "two output columns need two names.", nameof(PredictedLabelColumnName));

        Require(Epoch >= 1, nameof(Epoch), Epoch, "it must be at least 1");
        Require(BatchSize is null or >= 2, nameof(BatchSize), BatchSize,
            "it must be at least 2, as batch normalization compares images, or null");
        Require(LearningRate is null or (> 0 and <= 100), nameof(LearningRate), LearningRate,
            "it must be above 0 and at most 100, or null");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "it must be at least 0 and below 1");
        Require(WeightDecay is >= 0 and <= 1, nameof(WeightDecay), WeightDecay, "it must be between 0 and 1");
        Require(WarmupEpochs is >= 0 and < double.PositiveInfinity, nameof(WarmupEpochs), WarmupEpochs,
            "it must be a number of epochs, 0 or more");
        Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "it must be at least 0 and below 1");
        Require(CropPadding is null or (>= 0 and <= 1024), nameof(CropPadding), CropPadding,
            "it must be between 0 (no cropping) and 1024 pixels, or null");
        Require(InitialImageScale is >= 0.25 and <= 1, nameof(InitialImageScale), InitialImageScale, "it must be between 0.25 and 1 (the full size)");
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision,
            $"it must be one of {string.Join(", ", Enum.GetNames<ComputePrecision>())}");
        Require(Enum.IsDefined(BadImages), nameof(BadImages), BadImages,
            $"it must be one of {string.Join(", ", Enum.GetNames<BadImagePolicy>())}");
        Require(ValidationSetFraction is >= 0 and < 1, nameof(ValidationSetFraction), ValidationSetFraction,
            "it must be at least 0 and below 1");
        Require(PixelMemoryMegabytes is null or >= 1, nameof(PixelMemoryMegabytes), PixelMemoryMegabytes,
            "it must be at least 1, or null");
        if (WorkspacePath is not null && string.IsNullOrWhiteSpace(WorkspacePath))
            throw new ArgumentException(
                $"{nameof(WorkspacePath)} is empty; it must name a folder, or be null for no checkpoints.", nameof(WorkspacePath));
        Require(InitialWeightsPath is null || File.Exists(InitialWeightsPath), nameof(InitialWeightsPath), InitialWeightsPath,
            "there is no such file");
        if (ValidationSet is not null && ValidationSetFraction > 0)
            throw new ArgumentException(
                $"{nameof(ValidationSet)} is given and {nameof(ValidationSetFraction)} is {ValidationSetFraction}; " +
                "only one of them can say what to validate on.", nameof(ValidationSetFraction));
    }

    /// <summary>Throws when an option breaks its rule.</summary>
    /// <param name="holds">Whether the rule holds.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">The value met.</param>
    /// <param name="rule">The rule, as the end of the sentence "Epoch is 0; ...".</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="holds"/> is false.</exception>
    protected static void Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value ?? "null"}; {rule}.");
    }

    /// <summary>The batch size for images of a size.</summary>
    internal int BatchSizeFor(ImageShape images)
    {
        if (BatchSize is int chosen)
            return chosen;
        int size = LargestDefaultBatch;
        while (size > 2 && (long)size * images.Height * images.Width > LargestDefaultBatchPixels)
            size /= 2;
        return size;
    }

    /// <summary>The peak learning rate for a batch size.</summary>
    internal double LearningRateFor(int batchSize) =>
        LearningRate ?? LearningRateOfLargestBatch * Math.Min(batchSize, LargestDefaultBatch) / LargestDefaultBatch;

    /// <summary>A copy that later changes of this object do not reach.</summary>
    internal ImageClassificationOptions Copy() => (ImageClassificationOptions)MemberwiseClone();

    private static void RequireName(string name, string option)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"{option} is empty; it must be the name of a column.", option);
    }
}
