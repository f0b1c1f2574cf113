namespace MlNet.ImageClassification;

/// <summary>What <c>FeaturizeImages</c> can be told of published weights; a trained model has settled all of it.</summary>
/// <remarks>The estimator takes a copy of the options and checks it when it is made.</remarks>
public sealed class FeaturizeImagesOptions
{
    /// <summary>What is done to the pixels, one figure per channel; saved with the transformer.</summary>
    /// <value>
    /// The default value is <see langword="null"/>: that of the weights for bytes and images, <see cref="ChannelNormalization.None"/>
    /// for float columns, which a pipeline has normalized already.
    /// </value>
    public ChannelNormalization? Normalization { get; set; }

    /// <summary>
    /// What happens when an image cannot be read or holds values that are not finite. <see cref="BadImagePolicy.Skip"/> gives the row
    /// missing features (NaN), which ML.NET's trainers leave out.
    /// </summary>
    /// <value>The default value is <see cref="BadImagePolicy.Fail"/>.</value>
    public BadImagePolicy BadImages { get; set; } = BadImagePolicy.Fail;

    /// <summary>Where the features are computed in this process.</summary>
    /// <value>The default value is <see cref="ComputeDevice.Auto"/>.</value>
    public ComputeDevice Device { get; set; } = ComputeDevice.Auto;

    /// <summary>The arithmetic of convolutions.</summary>
    /// <value>The default value is <see cref="ComputePrecision.Auto"/>.</value>
    public ComputePrecision Precision { get; set; } = ComputePrecision.Auto;

    internal FeaturizeImagesOptions Copy() => (FeaturizeImagesOptions)MemberwiseClone();

    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    internal void Validate()
    {
        OptionRule.RequireDefined(BadImages, nameof(BadImages));
        OptionRule.RequireDefined(Precision, nameof(Precision));
    }
}
