namespace MlNet.ImageClassification;

/// <summary>
/// How a network learns: optimizer, learning rate over time, loss and augmentation. The defaults train from scratch the way that is
/// common for small images: SGD with Nesterov momentum, one warm-up epoch, cosine decay, label smoothing, pad-and-crop and flip.
/// </summary>
/// <remarks>A recipe is never changed; make another one with <c>recipe with { ... }</c>.</remarks>
public sealed record TrainingRecipe
{
    /// <summary>For random weights: the defaults.</summary>
    public static TrainingRecipe FromScratch { get; } = new();

    /// <summary>
    /// For random weights and few epochs on small images: half an epoch of warm-up, crops of 2 pixels of padding, and three quarters of the
    /// image size until half of the epochs are done.
    /// </summary>
    public static TrainingRecipe Fast { get; } = new() { WarmupEpochs = 0.5, InitialImageScale = 0.75, Augmentation = new() { CropPadding = 2 } };

    /// <summary>
    /// For weights from another task, such as ImageNet: a first epoch for the classifier alone, then, at low rates, a tenth of its learning rate for
    /// all other layers, whose batch statistics stay; the weights kept are an average over the last steps. (Howard and Ruder, ULMFiT, arXiv 1801.06146, section 3.2, on both.)
    /// </summary>
    public static TrainingRecipe FineTune { get; } = new()
    {
        LearningRate = 0.02, BackboneLearningRate = 0.1, FrozenEpochs = 1, FreezeNormStatistics = true, WeightAverageDecay = 0.98,
        Augmentation = new() { MinimumCropArea = 0.35 },
    };

    /// <summary>
    /// For weights from another task and a result in seconds: the classifier alone, on features that are computed once. (Linear probing;
    /// Alain and Bengio, Understanding intermediate layers using linear classifier probes, arXiv 1610.01644.)
    /// </summary>
    public static TrainingRecipe LinearProbe { get; } = new()
    {
        ClassifierOnly = true, Optimizer = new AdamOptimizer { WeightDecay = 0 }, LearningRate = 0.004, LabelSmoothing = 0, Augmentation = AugmentationOptions.None,
    };

    /// <summary>The rule by which a step changes the weights.</summary>
    /// <value>The default value is <see cref="SgdOptimizer"/>.</value>
    public Optimizer Optimizer { get; init; } = new SgdOptimizer();

    /// <summary>
    /// The peak learning rate for batches of 128 images where <see cref="ImageClassificationOptions.LearningRate"/> is not given; in
    /// proportion for smaller ones. Above 0, at most 100.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: 0.1 with <see cref="SgdOptimizer"/>, 0.01 with <see cref="AdagradOptimizer"/>,
    /// 0.0001 with <see cref="RmsPropOptimizer"/>, 0.001 with the Adam family.</value>
    public double? LearningRate { get; init; }

    /// <summary>The course of the learning rate after the warm-up.</summary>
    /// <value>The default value is <see cref="LearningRateSchedule.Cosine"/>.</value>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>
    /// Epochs, or a fraction of one, in which the learning rate rises linearly from 0 to its peak. At least 0; at most half of the
    /// epochs are used. <see cref="LearningRateSchedule.OneCycle"/> rises itself and has no warm-up before.
    /// </summary>
    /// <value>The default value is 1.</value>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>
    /// The largest L2 norm that all gradients together may have; longer ones are shortened to it. Above 0. (Pascanu et al., On the
    /// difficulty of training recurrent neural networks, 2013, algorithm 1.)
    /// </summary>
    /// <value>The default value is <see langword="null"/>: gradients stay as they are.</value>
    public double? GradientClipping { get; init; }

    /// <summary>
    /// The share of the learning rate with which all layers but the classifier learn. Above 0, at most 1; with weights from another
    /// task, less than 1 keeps what they know.
    /// </summary>
    /// <value>The default value is 1.</value>
    public double BackboneLearningRate { get; init; } = 1;

    /// <summary>
    /// Layer-wise learning-rate decay: the share of the next stage's learning rate with which each stage learns, so that the layers
    /// nearest to the image, which are the most general, change the least. The classifier learns at the learning rate itself; before it
    /// come the network's stages and, last, the stem. Above 0, at most 1; below 1 only where <see cref="BackboneLearningRate"/> is 1, which
    /// also says how fast these layers learn. (Howard and Ruder, ULMFiT, arXiv 1801.06146, section 3.2; Bao et al., BEiT, arXiv 2106.08254,
    /// appendix.)
    /// </summary>
    /// <value>The default value is 1: no decay.</value>
    public double LayerwiseLearningRateDecay { get; init; } = 1;

    /// <summary>
    /// Whether the classifier alone learns, all epochs long, on the features that the layers before it give each image once, before the
    /// first: an epoch then takes no time. It needs weights to start from, and images that stay as they are
    /// (<see cref="AugmentationOptions.None"/>, no <see cref="InitialImageScale"/>). No checkpoints are written. To train on augmented
    /// images set <see cref="FrozenEpochs"/> to the number of epochs instead.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ClassifierOnly { get; init; }

    /// <summary>
    /// Epochs at the start in which the classifier alone learns; the other layers, their batch statistics included, stay as they are.
    /// At least 0, and fewer than all epochs have an effect on the rest.
    /// </summary>
    /// <value>The default value is 0.</value>
    public int FrozenEpochs { get; init; }

    /// <summary>
    /// Whether batch norms keep the means and variances they start with, in training too: right for weights from another task where
    /// there are few images.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool FreezeNormStatistics { get; init; }

    /// <summary>
    /// The probability that the training target gives to all classes alike. At least 0 and below 1. (Szegedy et al., Rethinking the
    /// Inception Architecture, 2016, section 7.)
    /// </summary>
    /// <value>The default value is 0.1.</value>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>What the network is trained to make small.</summary>
    /// <value>The default value is <see cref="LossFunction.SoftmaxCrossEntropy"/>.</value>
    public LossFunction Loss { get; init; } = LossFunction.SoftmaxCrossEntropy;

    /// <summary>
    /// The decay of a running average of the weights and batch statistics, updated after each step, which is validated and kept in
    /// place of the last weights. At least 0 and below 1. In step t it is (1 + t) / (10 + t) at most, so that the random weights of the
    /// beginning are soon forgotten. (Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992; Tarvainen and
    /// Valpola, Mean teachers, arXiv 1703.01780, section 2.)
    /// </summary>
    /// <value>The default value is <see langword="null"/>: no average.</value>
    public double? WeightAverageDecay { get; init; }

    /// <summary>What is done to each training image by chance.</summary>
    /// <value>The default value crops and mirrors.</value>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>
    /// Progressive resizing: the share of their height and width that training images have in the first half of the epochs.
    /// They then grow from epoch to epoch and have their full size in the last fifth, at least in the last epoch. Small images
    /// cost less, and a network has most of its learning to do before details matter: with 0.5, ten epochs cost about as much
    /// as five. At least 0.25; 1 keeps the full size throughout. (fast.ai's entry to DAWNBench, 2018; Touvron et al., Fixing
    /// the train-test resolution discrepancy, arXiv 1906.06423, on why the last epochs need the full size.)
    /// </summary>
    /// <value>The default value is 1.</value>
    public double InitialImageScale { get; init; } = 1;

    internal void Validate()
    {
        OptionRule.RequireGiven(Optimizer, nameof(Optimizer));
        OptionRule.RequireGiven(Schedule, nameof(Schedule));
        OptionRule.RequireGiven(Augmentation, nameof(Augmentation));
        Optimizer.Validate();
        Schedule.Validate();
        Augmentation.Validate();
        OptionRule.Require(
            Optimizer.HasMomentum || !Schedule.CyclesMomentum, nameof(Schedule), nameof(LearningRateSchedule.OneCycle),
            $"it cycles the momentum, but {nameof(Optimizer)} has none ({Optimizer}): choose another optimizer, or give the schedule cycleMomentum: false");
        OptionRule.Require(WarmupEpochs is >= 0 and < double.PositiveInfinity, nameof(WarmupEpochs), WarmupEpochs, "it must be a number of epochs, 0 or more");
        OptionRule.Require(LearningRate is null or (> 0 and <= 100), nameof(LearningRate), LearningRate, "it must be above 0 and at most 100, or null");
        OptionRule.Require(
            GradientClipping is null or (> 0 and < double.PositiveInfinity), nameof(GradientClipping), GradientClipping, "it must be above 0, or null");
        OptionRule.Require(BackboneLearningRate is > 0 and <= 1, nameof(BackboneLearningRate), BackboneLearningRate, "it must be above 0 and at most 1");
        OptionRule.Require(
            LayerwiseLearningRateDecay is > 0 and <= 1, nameof(LayerwiseLearningRateDecay), LayerwiseLearningRateDecay, "it must be above 0 and at most 1");
        OptionRule.Require(
            LayerwiseLearningRateDecay == 1 || BackboneLearningRate == 1, nameof(LayerwiseLearningRateDecay), LayerwiseLearningRateDecay,
            FormattableString.Invariant(
                $"{nameof(BackboneLearningRate)} is {BackboneLearningRate}, and both say how fast the layers before the classifier learn: set one of them to 1"));
        if (ClassifierOnly && (Augmentation != AugmentationOptions.None || InitialImageScale != 1))
            throw new ArgumentException(
                $"{nameof(ClassifierOnly)} computes the features of each image once, so that {nameof(Augmentation)} must be {nameof(AugmentationOptions)}." +
                $"{nameof(AugmentationOptions.None)} and {nameof(InitialImageScale)} 1; start from {nameof(TrainingRecipe)}.{nameof(LinearProbe)}, or freeze all " +
                $"epochs by {nameof(FrozenEpochs)}.", nameof(ClassifierOnly));
        OptionRule.Require(FrozenEpochs >= 0, nameof(FrozenEpochs), FrozenEpochs, "it must be 0 or more");
        OptionRule.RequireDefined(Loss, nameof(Loss));
        OptionRule.Require(WeightAverageDecay is null or (>= 0 and < 1), nameof(WeightAverageDecay), WeightAverageDecay, "it must be at least 0 and below 1, or null");
        OptionRule.Require(LabelSmoothing is >= 0 and < 1, nameof(LabelSmoothing), LabelSmoothing, "it must be at least 0 and below 1");
        OptionRule.Require(
            InitialImageScale is >= 0.25 and <= 1, nameof(InitialImageScale), InitialImageScale, "it must be between 0.25 and 1 (the full size)");
    }
}
