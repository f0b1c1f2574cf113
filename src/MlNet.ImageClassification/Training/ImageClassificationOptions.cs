namespace MlNet.ImageClassification;

/// <summary>
/// What every image-classification trainer of this library can be told, in three groups: what is trained on, how it is learned
/// (<see cref="Epoch"/>, <see cref="BatchSize"/>, <see cref="LearningRate"/> and the <see cref="Recipe"/>), and where and how the
/// training runs. The defaults train a network from scratch.
/// </summary>
/// <remarks>
/// The trainer takes a copy of the options and checks it when it is constructed: an unusable value is reported there,
/// by name, and not in the middle of a training. Changing the options afterwards has no effect on the trainer.
/// </remarks>
public partial class ImageClassificationOptions
{
    private const int LargestDefaultBatch = 128;
    private const long LargestDefaultBatchPixels = 128 * 96 * 96;

    /// <summary>How many times the training set is walked through. At least 1.</summary>
    /// <value>The default value is 30.</value>
    public int Epoch { get; set; } = 30;

    /// <summary>
    /// Images per training step, at least 2. With fewer images than this, one step takes them all. A last step of less
    /// than half as many is evened out with the step before, because batch normalization needs several images.
    /// </summary>
    /// <value>
    /// The default value is <see langword="null"/>: 128 for images of up to 96 x 96 pixels; for larger ones the power of two
    /// that keeps the pixels of a batch at or below those of 128 such images (64 at 128 x 128, 16 at 224 x 224), at least 2.
    /// </value>
    public int? BatchSize { get; set; }

    /// <summary>The peak learning rate, reached after the warm-up. Above 0, at most 100.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: for batches of 128 images 0.1 with <see cref="SgdOptimizer"/>, 0.001 with
    /// the Adam family, 0.0001 with <see cref="RmsPropOptimizer"/> and 0.01 with <see cref="AdagradOptimizer"/>, and in proportion for smaller ones (0.0125 for 16), because each epoch then has as many times more steps.
    /// Batches of more than 128 images keep that of 128.
    /// </value>
    public double? LearningRate { get; set; }

    /// <summary>
    /// The most images that pass through the network at once, at least 2. A batch of more goes in parts of about the same size, whose
    /// gradients add up to those of the batch (gradient accumulation): less memory for the same step, but for batch norms, which see one
    /// part at a time. No part has a single image: with 2, an odd batch has a part of 3. Validation passes as many images at once.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: the whole batch at once.</value>
    public int? MicroBatchSize { get; set; }

    /// <summary>Optimizer, learning rate over time, loss and augmentation.</summary>
    /// <value>The default value trains from scratch: see <see cref="TrainingRecipe"/>.</value>
    public TrainingRecipe Recipe { get; set; } = new();

    /// <summary>When the training ends early because a validation metric no longer improves. Needs validation rows.</summary>
    /// <value>The default value is <see langword="null"/>: all epochs are trained.</value>
    public EarlyStopping? EarlyStoppingCriteria { get; set; }

    /// <summary>Of which epoch the weights are that <c>Fit</c> returns.</summary>
    /// <value>The default value is <see cref="KeptEpoch.Best"/>.</value>
    public KeptEpoch Keep { get; set; } = KeptEpoch.Best;

    /// <summary>What becomes of a training whose loss or weights become infinite or NaN after a good epoch.</summary>
    /// <value>The default value is <see cref="DivergencePolicy.ReturnBest"/>.</value>
    public DivergencePolicy OnDivergence { get; set; } = DivergencePolicy.ReturnBest;

    /// <summary>
    /// Published weights to start from. They are taken from the cache or downloaded when <c>Fit</c> begins; bytes and images are
    /// normalized as they were in the training of these weights, and the classifier starts afresh where theirs tells another number
    /// of classes apart.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: random weights.</value>
    public PretrainedWeights? InitialWeights { get; set; }

    /// <summary>
    /// A file with weights to start from: safetensors, a state dictionary that PyTorch's <c>torch.save</c> wrote, or a model of this
    /// library that <c>mlContext.Model.Save</c> wrote. The names are those of the network's state dictionary: for ResNet as in
    /// torchvision, for ShuffleNet as in its authors' code. The classifier starts afresh where the file's tells another number of
    /// classes apart. The images must be normalized as they were for those weights.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: random weights.</value>
    public string? InitialWeightsPath { get; set; }

    /// <summary>Checks the options; called by the trainer's constructor.</summary>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    internal virtual void Validate()
    {
        ValidateData();
        OptionRule.Require(Epoch >= 1, nameof(Epoch), Epoch, "it must be at least 1");
        OptionRule.Require(BatchSize is null or >= 2, nameof(BatchSize), BatchSize, "it must be at least 2, as batch normalization compares images, or null");
        OptionRule.Require(MicroBatchSize is null or >= 2, nameof(MicroBatchSize), MicroBatchSize, "it must be at least 2, as batch normalization compares images, or null");
        OptionRule.Require(LearningRate is null or (> 0 and <= 100), nameof(LearningRate), LearningRate, "it must be above 0 and at most 100, or null");
        OptionRule.RequireGiven(Recipe, nameof(Recipe));
        Recipe.Validate();
        EarlyStoppingCriteria?.Validate();
        if (Recipe.Schedule.WatchPlateaus() is not null && ValidationSet is null && ValidationSetFraction == 0)
            throw new ArgumentException(
                $"{nameof(Recipe.Schedule)} is {nameof(LearningRateSchedule.ReduceOnPlateau)}, but there are no rows to validate on; give " +
                $"{nameof(ValidationSet)} or {nameof(ValidationSetFraction)}.", nameof(Recipe));
        if (EarlyStoppingCriteria is not null && ValidationSet is null && ValidationSetFraction == 0)
            throw new ArgumentException(
                $"{nameof(EarlyStoppingCriteria)} is given, but there are no rows to validate on; give {nameof(ValidationSet)} or " +
                $"{nameof(ValidationSetFraction)}.", nameof(EarlyStoppingCriteria));
        OptionRule.RequireDefined(Keep, nameof(Keep));
        OptionRule.RequireDefined(OnDivergence, nameof(OnDivergence));
        OptionRule.Require(InitialWeightsPath is null || File.Exists(InitialWeightsPath), nameof(InitialWeightsPath), InitialWeightsPath, "there is no such file");
        if (InitialWeights is not null && InitialWeightsPath is not null)
            throw new ArgumentException(
                $"{nameof(InitialWeights)} is '{InitialWeights.Name}' and {nameof(InitialWeightsPath)} is '{InitialWeightsPath}'; a " +
                "training starts from one of them.", nameof(InitialWeightsPath));
        if (Recipe.ClassifierOnly && InitialWeights is null && InitialWeightsPath is null)
            throw new ArgumentException(
                $"{nameof(Recipe.ClassifierOnly)} leaves all layers but the classifier as they are; without {nameof(InitialWeights)} or " +
                $"{nameof(InitialWeightsPath)} they have learned nothing.", nameof(Recipe.ClassifierOnly));
        ValidateRun();
    }

    /// <summary>How many images of a batch pass through the network of a process at once.</summary>
    /// <param name="batchSize">Images per step, of all processes.</param>
    internal int ImagesAtOnce(int batchSize)
    {
        int part = ProcessGroup is { Size: var processes } ? new Shard(0, processes).LargestOf(batchSize) : batchSize;
        return Math.Min(MicroBatchSize ?? part, part);
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
        LearningRate ?? (Recipe.LearningRate ?? Recipe.Optimizer.DefaultLearningRate) * Math.Min(batchSize, LargestDefaultBatch) / LargestDefaultBatch;

    /// <summary>What was done to the pixels in the training of the initial weights; null where nobody tells.</summary>
    internal ChannelNormalization? WeightsNormalization { get; set; }

    /// <summary>What is done to the pixels of images of a layout.</summary>
    internal ChannelNormalization NormalizationFor(ImageLayout layout)
    {
        if (Normalization is not null)
            return Normalization;
        if (!layout.IsBytes)
            return ChannelNormalization.None;
        return WeightsNormalization is { } theirs && theirs.Mean.Count == layout.Shape.Channels
            ? theirs
            : ChannelNormalization.ForBytes(layout.Shape.Channels);
    }

    /// <summary>A copy that tells how a training went and holds on to nothing of the caller's.</summary>
    internal ImageClassificationOptions AsUsed(int batchSize, double learningRate)
    {
        var copy = Copy();
        (copy.BatchSize, copy.LearningRate) = (batchSize, learningRate);
        (copy.ValidationSet, copy.MetricsCallback, copy.Progress, copy.CancellationToken) = (null, null, null, default);
        return copy;
    }

    /// <summary>A copy that later changes of this object do not reach.</summary>
    internal ImageClassificationOptions Copy() => (ImageClassificationOptions)MemberwiseClone();
}

/// <summary>Of which epoch weights are kept; with <see cref="TrainingRecipe.WeightAverageDecay"/> their average at its end.</summary>
public enum KeptEpoch
{
    /// <summary>
    /// That of the highest validation accuracy, or, where two are equal, of the lower validation loss; without validation rows the last.
    /// </summary>
    Best,

    /// <summary>The last.</summary>
    Last,
}

/// <summary>What becomes of a training whose loss or weights become infinite or NaN.</summary>
public enum DivergencePolicy
{
    /// <summary>
    /// The best network so far is returned with a warning in the log, where validation has shown that it is good; otherwise as
    /// <see cref="Fail"/>.
    /// </summary>
    ReturnBest,

    /// <summary><c>Fit</c> throws; the checkpoint of a workspace stays.</summary>
    Fail,
}
