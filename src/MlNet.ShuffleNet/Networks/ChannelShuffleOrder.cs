namespace MlNet.ShuffleNet;

/// <summary>
/// Which permutation a channel shuffle is. Both let every group of the next convolution see every group of the one before and
/// are each other's inverse; a network trained with one computes nonsense with the other.
/// </summary>
public enum ChannelShuffleOrder
{
    /// <summary>As the paper has it: the channels as [groups, channels of a group], transposed, flattened.</summary>
    Paper,

    /// <summary>As the authors' published code has it: the channels as [channels of a group, groups], transposed, flattened.</summary>
    Authors,
}
