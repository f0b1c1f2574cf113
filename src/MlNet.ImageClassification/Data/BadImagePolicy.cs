namespace MlNet.ImageClassification;

/// <summary>What training does with an image that cannot be read or holds values that are not finite.</summary>
public enum BadImagePolicy
{
    /// <summary>Training fails with a message that names the row and the reason.</summary>
    Fail,

    /// <summary>The row is left out; how many were is logged as a warning and kept in the training report.</summary>
    Skip,
}
