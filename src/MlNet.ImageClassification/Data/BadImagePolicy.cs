namespace MlNet.ImageClassification;

/// <summary>What loading, training and scoring do with an image that cannot be read or holds values that are not finite.</summary>
public enum BadImagePolicy
{
    /// <summary>They fail with a message that names the row and the reason.</summary>
    Fail,

    /// <summary>
    /// LoadImageFiles gives the row an empty vector; training leaves it out and keeps the count in its report; scoring gives it
    /// missing scores (NaN) and a missing label.
    /// How many there were is logged as a warning.
    /// </summary>
    Skip,
}
