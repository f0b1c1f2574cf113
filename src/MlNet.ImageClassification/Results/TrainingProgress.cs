namespace MlNet.ImageClassification;

/// <summary>Where a training stands; reported several times a second.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">How many epochs there will be.</param>
/// <param name="Step">The steps done in this epoch.</param>
/// <param name="Steps">The steps of one epoch.</param>
/// <param name="Loss">The mean cross-entropy of this epoch so far.</param>
/// <param name="Accuracy">The share of this epoch's training images classified correctly so far, 0 to 1.</param>
/// <param name="LearningRate">The learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Training images per second in this epoch.</param>
/// <param name="TimeLeft">The estimated time until the last epoch ends, validation included once one was seen.</param>
public sealed record TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, double Loss, double Accuracy, double LearningRate,
    double ImagesPerSecond, TimeSpan TimeLeft);
