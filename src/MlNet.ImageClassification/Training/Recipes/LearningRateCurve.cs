namespace MlNet.ImageClassification;

/// <summary>The learning rate of every step: a linear warm-up, then a schedule.</summary>
/// <param name="schedule">What follows the warm-up.</param>
/// <param name="peak">The learning rate at the end of the warm-up.</param>
/// <param name="warmupEpochs">Epochs of the warm-up; at most half of all are used, and none by a schedule that rises itself.</param>
/// <param name="epochs">Epochs of the whole training.</param>
/// <param name="stepsPerEpoch">Steps of one epoch.</param>
/// <param name="plateaus">Where the schedule waits for plateaus, what watches for them; else null.</param>
internal sealed class LearningRateCurve(
    LearningRateSchedule schedule, double peak, double warmupEpochs, int epochs, int stepsPerEpoch, PlateauWatch? plateaus = null)
{
    private readonly double _warmupSteps = schedule.RisesItself ? 0 : Math.Min(warmupEpochs, epochs / 2.0) * stepsPerEpoch;
    private readonly double _totalSteps = (double)epochs * stepsPerEpoch;

    /// <summary>The learning rate of a step, counted from 0; in the warm-up it is never 0.</summary>
    public double At(long step)
    {
        double highest = peak * (plateaus?.Factor ?? 1);
        return step + 1 < _warmupSteps
            ? highest * (step + 1) / _warmupSteps
            : highest * schedule.Factor(new ScheduledStep(step, _warmupSteps, _totalSteps, stepsPerEpoch));
    }

    /// <summary>The momentum of a step, counted from 0; null for the optimizer's own.</summary>
    public double? MomentumAt(long step) => schedule.Momentum(new ScheduledStep(step, _warmupSteps, _totalSteps, stepsPerEpoch));
}

/// <summary>A step in the course of a training.</summary>
/// <param name="Step">The steps before it, since the start of the training.</param>
/// <param name="WarmupSteps">Steps of the warm-up; a fraction is possible.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="StepsPerEpoch">Steps of one epoch.</param>
internal readonly record struct ScheduledStep(double Step, double WarmupSteps, double TotalSteps, int StepsPerEpoch)
{
    /// <summary>The share of the steps after the warm-up that are done, 0 to 1.</summary>
    public double Progress => Math.Max(0, Step - WarmupSteps) / (TotalSteps - WarmupSteps);

    /// <summary>Epochs done since the start of the training, a fraction within one.</summary>
    public double Epoch => Step / StepsPerEpoch;
}
