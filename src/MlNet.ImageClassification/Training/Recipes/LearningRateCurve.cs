namespace MlNet.ImageClassification;

/// <summary>The learning rate of every step: a linear warm-up, then a schedule.</summary>
/// <param name="schedule">What follows the warm-up.</param>
/// <param name="peak">The learning rate at the end of the warm-up.</param>
/// <param name="warmupEpochs">Epochs of the warm-up; at most half of all are used.</param>
/// <param name="epochs">Epochs of the whole training.</param>
/// <param name="stepsPerEpoch">Steps of one epoch.</param>
internal sealed class LearningRateCurve(LearningRateSchedule schedule, double peak, double warmupEpochs, int epochs, int stepsPerEpoch)
{
    private readonly double _warmupSteps = Math.Min(warmupEpochs, epochs / 2.0) * stepsPerEpoch;
    private readonly double _totalSteps = (double)epochs * stepsPerEpoch;

    /// <summary>The learning rate of a step, counted from 0; in the warm-up it is never 0.</summary>
    public double At(long step)
    {
        if (step + 1 < _warmupSteps)
            return peak * (step + 1) / _warmupSteps;
        double progress = Math.Max(0, step - _warmupSteps) / (_totalSteps - _warmupSteps);
        return peak * schedule.Factor(progress, (double)step / stepsPerEpoch);
    }
}
