namespace MlNet.ImageClassification;

/// <summary>Tells each epoch to the log and to the user's callback.</summary>
internal sealed class EpochLog(Action<EpochMetrics>? metricsCallback) : ITrainingCallback
{
    public void OnEpochEnd(TrainingContext context)
    {
        var epoch = context.Epochs[^1];
        string validation = epoch.ValidationAccuracy is double accuracy
            ? FormattableString.Invariant($", validation loss {epoch.ValidationLoss:f4} accuracy {accuracy:p2}")
            : "";
        string training = FormattableString.Invariant(
            $"Epoch {epoch.Epoch} of {context.EpochLimit}: loss {epoch.Loss:f4} accuracy {epoch.Accuracy:p2}");
        string speed = FormattableString.Invariant(
            $", {epoch.ImagesPerSecond:f0} images/s, {epoch.Duration.TotalSeconds:f1} s.");
        context.Log.Info(training + validation + speed);
        metricsCallback?.Invoke(epoch);
    }
}
