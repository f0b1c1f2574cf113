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

    /// <summary>The share of the peak that the learning rate has.</summary>
    /// <param name="progress">The share of the steps after the warm-up that are done, 0 to 1.</param>
    /// <param name="epoch">Epochs done since the start of the training, a fraction within one.</param>
    internal abstract double Factor(double progress, double epoch);

    internal virtual void Validate()
    {
    }

    private protected static void RequireFactor(double factor) =>
        OptionRule.Require(factor is > 0 and < 1, nameof(TrainingRecipe.Schedule), factor, "the factor of a schedule must be above 0 and below 1");

    private sealed record CosineSchedule : LearningRateSchedule
    {
        internal override double Factor(double progress, double epoch) => 0.5 * (1 + Math.Cos(Math.PI * progress));
    }

    private sealed record ConstantSchedule : LearningRateSchedule
    {
        internal override double Factor(double progress, double epoch) => 1;
    }

    private sealed record StepSchedule(int Epochs, double Decay) : LearningRateSchedule
    {
        internal override double Factor(double progress, double epoch) => Math.Pow(Decay, Math.Floor(epoch / Epochs));

        internal override void Validate()
        {
            OptionRule.Require(Epochs >= 1, nameof(TrainingRecipe.Schedule), Epochs, "a step schedule needs at least 1 epoch between two changes");
            RequireFactor(Decay);
        }
    }

    private sealed record ExponentialSchedule(double Decay) : LearningRateSchedule
    {
        internal override double Factor(double progress, double epoch) => Math.Pow(Decay, epoch);

        internal override void Validate() => RequireFactor(Decay);
    }

    private sealed record PolynomialSchedule(double Power) : LearningRateSchedule
    {
        internal override double Factor(double progress, double epoch) => Math.Pow(1 - progress, Power);

        internal override void Validate() =>
            OptionRule.Require(Power is > 0 and < double.PositiveInfinity, nameof(TrainingRecipe.Schedule), Power, "the power of a polynomial schedule must be above 0");
    }
}
