namespace MlNet.ImageClassification.Reports;

/// <summary>An image and what the model says of it.</summary>
/// <param name="Truth">Its class, from 0.</param>
/// <param name="Predicted">The most probable class.</param>
/// <param name="Confidence">The probability of that class.</param>
/// <param name="TruthProbability">The probability of its class.</param>
/// <param name="Path">Its file, where a column tells.</param>
/// <param name="Picture">The image as the network sees it; null where the scored data does not have it.</param>
internal sealed record Answer(int Truth, int Predicted, float Confidence, float TruthProbability, string? Path, Picture? Picture)
{
    public bool IsRight => Truth == Predicted;
}
