namespace MlNet.ImageClassification;

/// <summary>Linear warm-up, then half a cosine down to zero.</summary>
/// <param name="peak">The learning rate at the end of the warm-up.</param>
/// <param name="warmupSteps">Steps of the warm-up; 0 for none.</param>
/// <param name="totalSteps">Steps of the whole training.</param>
internal sealed class LearningRateSchedule(double peak, double warmupSteps, double totalSteps)
{
    /// <summary>The schedule of a training.</summary>
    public static LearningRateSchedule Of(ImageClassificationOptions options, double peak, int stepsPerEpoch)
    {
        double warmup = Math.Min(options.WarmupEpochs, options.Epoch / 2.0);
        return new LearningRateSchedule(peak, warmup * stepsPerEpoch, (double)options.Epoch * stepsPerEpoch);
    }

    /// <summary>The learning rate of a step, counted from 0; it is never 0.</summary>
    public double At(long step)
    {
        if (step + 1 < warmupSteps)
            return peak * (step + 1) / warmupSteps;
        double progress = Math.Max(0, step - warmupSteps) / (totalSteps - warmupSteps);
        return peak * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
