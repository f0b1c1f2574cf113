namespace MlNet.ShuffleNet;

/// <summary>
/// Which permutation a channel shuffle is. Both let every group of the next convolution see every group of the one before and
/// are each other's inverse; a network trained with one computes nonsense with the other.
/// </summary>
public enum ChannelShuffleOrder
{
    /// <summary>As the paper has it: the channels as [groups, channels of a group], transposed, flattened.</summary>
    Paper,

    /// <summary>
    /// As the authors' published code has it: the channels as [channels of a group, groups], transposed, flattened. Their weights
    /// (<see cref="MlNet.ImageClassification.ImageClassificationOptions.InitialWeightsPath"/>) need this order. That their code
    /// shuffles after the depthwise convolution instead of before it is made up for when the weights are read. They were trained
    /// on values of 0 to 255 in the order blue, green, red, not normalized: feed them by
    /// <c>ExtractPixels("Features", "Image", orderOfExtraction: ColorsOrder.ABGR)</c> and without <c>NormalizeChannels</c>.
    /// </summary>
    Authors,
}
