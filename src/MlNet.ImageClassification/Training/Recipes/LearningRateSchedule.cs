namespace MlNet.ImageClassification;

/// <summary>The course of the learning rate from the end of the warm-up to the end of the training.</summary>
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>Half a cosine from the peak to 0. (Loshchilov and Hutter, SGDR, arXiv 1608.03983, equation 5 without restarts.)</summary>
    public static LearningRateSchedule Cosine { get; } = new CosineSchedule();

    /// <summary>The peak throughout.</summary>
    public static LearningRateSchedule Constant { get; } = new ConstantSchedule();

    /// <summary>The peak, multiplied by a factor after every so many epochs.</summary>
    /// <param name="epochs">Epochs between two changes, at least 1, counted from the start of the training.</param>
    /// <param name="factor">Above 0 and below 1.</param>
    public static LearningRateSchedule Step(int epochs, double factor = 0.1) => new StepSchedule(epochs, factor);

    /// <summary>The peak, multiplied by a factor in each epoch, step by step.</summary>
    /// <param name="factor">Above 0 and below 1.</param>
    public static LearningRateSchedule Exponential(double factor) => new ExponentialSchedule(factor);

    /// <summary>From the peak to 0 as (1 - progress) to a power; a power of 1 is a line.</summary>
    /// <param name="power">Above 0.</param>
    public static LearningRateSchedule Polynomial(double power = 1) => new PolynomialSchedule(power);

    /// <summary>
    /// One cycle over the whole training, step by step: half a cosine from a low rate up to the peak, then half a cosine down to almost 0.
    /// It rises itself: <see cref="TrainingRecipe.WarmupEpochs"/> has no effect. (Smith and Topin, Super-Convergence, arXiv 1708.07120,
    /// section 3; the cosines, the two phases and the defaults are those of PyTorch's OneCycleLR.)
    /// </summary>
    /// <param name="riseShare">The share of the steps in which the rate rises, above 0 and below 1.</param>
    /// <param name="initialDivisor">The first rate is the peak divided by this, at least 1.</param>
    /// <param name="finalDivisor">The last rate is the first divided by this, at least 1.</param>
    /// <param name="cycleMomentum">Whether the momentum (of the Adam family the first beta) goes the other way: from 0.95 to 0.85 at the
    /// peak and back, whatever the optimizer's own is. The optimizer must have one.</param>
    public static LearningRateSchedule OneCycle(
        double riseShare = 0.3, double initialDivisor = 25, double finalDivisor = 1e4, bool cycleMomentum = true) =>
        new OneCycleSchedule(riseShare, initialDivisor, finalDivisor, cycleMomentum);

    /// <summary>
    /// The peak, multiplied by a factor whenever the validation loss has not improved for more than so many epochs in a row. Needs
    /// validation rows. (PyTorch's ReduceLROnPlateau, relative threshold.)
    /// </summary>
    /// <param name="factor">Above 0 and below 1.</param>
    /// <param name="patience">Epochs in a row without an improvement that are let pass, at least 0.</param>
    /// <param name="threshold">The share of the lowest loss so far by which a loss must be lower to have improved, at least 0 and below
    /// 1.</param>
    public static LearningRateSchedule ReduceOnPlateau(double factor = 0.1, int patience = 10, double threshold = 1e-4) =>
        new PlateauSchedule(factor, patience, threshold);

    /// <summary>The share of the peak that the learning rate has in a step after the warm-up.</summary>
    internal abstract double Factor(ScheduledStep step);

    /// <summary>The momentum in a step; null for the optimizer's own.</summary>
    internal virtual double? Momentum(ScheduledStep step) => null;

    /// <summary>Whether it begins with a rise of its own, in place of the warm-up.</summary>
    internal virtual bool RisesItself => false;

    /// <summary>Whether it says what the momentum is.</summary>
    internal virtual bool CyclesMomentum => false;

    /// <summary>What watches the validation loss of one training; null where nothing depends on it.</summary>
    internal virtual PlateauWatch? WatchPlateaus() => null;

    internal virtual void Validate()
    {
    }

    private protected static void RequireFactor(double factor) =>
        OptionRule.Require(factor is > 0 and < 1, nameof(TrainingRecipe.Schedule), factor, "the factor of a schedule must be above 0 and below 1");

    private sealed record CosineSchedule : LearningRateSchedule
    {
        internal override double Factor(ScheduledStep step) => 0.5 * (1 + Math.Cos(Math.PI * step.Progress));
    }

    private sealed record ConstantSchedule : LearningRateSchedule
    {
        internal override double Factor(ScheduledStep step) => 1;
    }

    private sealed record StepSchedule(int Epochs, double Decay) : LearningRateSchedule
    {
        internal override double Factor(ScheduledStep step) => Math.Pow(Decay, Math.Floor(step.Epoch / Epochs));

        internal override void Validate()
        {
            OptionRule.Require(Epochs >= 1, nameof(TrainingRecipe.Schedule), Epochs, "a step schedule needs at least 1 epoch between two changes");
            RequireFactor(Decay);
        }
    }

    private sealed record ExponentialSchedule(double Decay) : LearningRateSchedule
    {
        internal override double Factor(ScheduledStep step) => Math.Pow(Decay, step.Epoch);

        internal override void Validate() => RequireFactor(Decay);
    }

    private sealed record PolynomialSchedule(double Power) : LearningRateSchedule
    {
        internal override double Factor(ScheduledStep step) => Math.Pow(1 - step.Progress, Power);

        internal override void Validate() =>
            OptionRule.Require(Power is > 0 and < double.PositiveInfinity, nameof(TrainingRecipe.Schedule), Power, "the power of a polynomial schedule must be above 0");
    }

    private sealed record OneCycleSchedule(double RiseShare, double InitialDivisor, double FinalDivisor, bool CycleMomentum) : LearningRateSchedule
    {
        private const double HighestMomentum = 0.95;
        private const double LowestMomentum = 0.85;

        internal override bool RisesItself => true;

        internal override bool CyclesMomentum => CycleMomentum;

        internal override double Factor(ScheduledStep step) => Along(step, 1 / InitialDivisor, 1, 1 / InitialDivisor / FinalDivisor);

        internal override double? Momentum(ScheduledStep step) =>
            CycleMomentum ? Along(step, HighestMomentum, LowestMomentum, HighestMomentum) : null;

        // The top lies a step before the end of the share of steps, and the last step has the last value, as in PyTorch.
        private double Along(ScheduledStep step, double first, double top, double last)
        {
            double turn = Math.Max(0, RiseShare * step.TotalSteps - 1);
            return step.Step < turn
                ? HalfCosine(first, top, step.Step / turn)
                : HalfCosine(top, last, (step.Step - turn) / Math.Max(1, step.TotalSteps - 1 - turn));
        }

        private static double HalfCosine(double from, double to, double done) => to + (from - to) / 2 * (1 + Math.Cos(Math.PI * done));

        internal override void Validate()
        {
            OptionRule.Require(RiseShare is > 0 and < 1, nameof(TrainingRecipe.Schedule), RiseShare, "the rise of a cycle must be a share of the steps above 0 and below 1");
            RequireDivisor(InitialDivisor);
            RequireDivisor(FinalDivisor);
        }

        private static void RequireDivisor(double divisor) => OptionRule.Require(
            divisor is >= 1 and < double.PositiveInfinity, nameof(TrainingRecipe.Schedule), divisor, "the divisors of a cycle must be at least 1");
    }

    private sealed record PlateauSchedule(double Decay, int Patience, double Threshold) : LearningRateSchedule
    {
        internal override double Factor(ScheduledStep step) => 1;

        internal override PlateauWatch WatchPlateaus() => new(Decay, Patience, Threshold);

        internal override void Validate()
        {
            RequireFactor(Decay);
            OptionRule.Require(Patience >= 0, nameof(TrainingRecipe.Schedule), Patience, "the patience with a plateau must be 0 epochs or more");
            OptionRule.Require(Threshold is >= 0 and < 1, nameof(TrainingRecipe.Schedule), Threshold, "the threshold of a plateau must be at least 0 and below 1");
        }
    }
}
