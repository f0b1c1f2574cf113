namespace MlNet.ImageClassification;

/// <summary>How much each image counts in training: the weight of its row, times that of its class.</summary>
/// <param name="ofClasses">The weights of the classes.</param>
internal sealed class ImageWeights(double[] ofClasses)
{
    /// <summary>The weight of an image.</summary>
    public float Of(LabeledImage image) => (float)(image.Weight * ofClasses[image.Label]);

    public override string ToString() => FormattableString.Invariant($"[{string.Join(", ", ofClasses)}]");
}
