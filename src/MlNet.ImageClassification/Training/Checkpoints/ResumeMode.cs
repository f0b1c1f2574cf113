namespace MlNet.ImageClassification;

/// <summary>What becomes of a checkpoint that is found in the workspace.</summary>
public enum ResumeMode
{
    /// <summary>
    /// The same training goes on; with a larger <see cref="ImageClassificationOptions.Epoch"/> a complete one is extended. Other
    /// options or images are refused while the training in the workspace is not complete.
    /// </summary>
    Auto,

    /// <summary>The training starts afresh and replaces the checkpoint.</summary>
    Never,

    /// <summary>As <see cref="Auto"/>, but a workspace without a checkpoint is refused.</summary>
    Required,

    /// <summary>
    /// The training goes on after the checkpoint's last epoch whatever its options were, for instance with a lower learning rate;
    /// the network must be the same. With another optimizer the optimizer's state starts afresh; with other rows what is best does.
    /// </summary>
    FromWeights,
}
