namespace MlNet.ImageClassification;

/// <summary>What one epoch of training came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean training cross-entropy, label smoothing included.</param>
/// <param name="Accuracy">The share of training images classified correctly while they were trained on, 0 to 1.</param>
/// <param name="ValidationLoss">The mean cross-entropy on the validation rows, without label smoothing; null without them.</param>
/// <param name="ValidationAccuracy">The share of validation rows classified correctly, 0 to 1; null without them.</param>
/// <param name="LearningRate">The learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Training images per second.</param>
/// <param name="Duration">The time the epoch took, validation included.</param>
public sealed record EpochMetrics(
    int Epoch, double Loss, double Accuracy, double? ValidationLoss, double? ValidationAccuracy,
    double LearningRate, double ImagesPerSecond, TimeSpan Duration);
