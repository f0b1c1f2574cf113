using MlNet.ImageClassification;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet;

/// <summary>
/// Mixes the channels of groups, so that a grouped convolution sees what all groups of the one before it computed: the
/// channels written row by row into a table and read column by column.
/// </summary>
/// <param name="groups">Groups of the convolutions around the shuffle; 1 leaves the channels as they are.</param>
/// <param name="order">Whether the groups are the rows of the table or its columns.</param>
internal sealed class ChannelShuffle(int groups, ChannelShuffleOrder order)
{
    /// <summary>Shuffles the channels of images.</summary>
    /// <param name="input">[N, C, H, W]; left alone. C is a multiple of the groups.</param>
    /// <returns>[N, C, H, W] in channels-last order: a new tensor, which shares memory with the input where there is one group.</returns>
    public Tensor Apply(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (channels, height, width) = (input.shape[1], input.shape[2], input.shape[3]);
        var rows = Rows(channels);
        return input.permute(0, 2, 3, 1)
            .reshape(-1, rows, channels / rows)
            .transpose(1, 2)
            .reshape(-1, height, width, channels)
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Describes what <see cref="Apply"/> computes.</summary>
    public string WriteTo(INetworkGraph graph, string input, int channels) =>
        groups == 1 ? input : graph.TransposeChannels(input, channels, (int)Rows(channels));

    /// <summary>The channel of the input that each channel of the output is.</summary>
    public long[] Sources(long channels)
    {
        var rows = Rows(channels);
        var columns = channels / rows;
        return [.. Enumerable.Range(0, (int)channels).Select(i => i % rows * columns + i / rows)];
    }

    private long Rows(long channels) => order == ChannelShuffleOrder.Paper ? groups : channels / groups;
}
