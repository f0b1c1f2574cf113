using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet.Tests;

[TestClass]
public sealed class ChannelShuffleTests
{
    [TestMethod]
    // Three groups of two: the rows 0 1, 2 3, 4 5, read column by column.
    [DataRow(3, ChannelShuffleOrder.Paper, new long[] { 0, 2, 4, 1, 3, 5 })]
    // Two groups of three: the rows 0 1 2, 3 4 5.
    [DataRow(2, ChannelShuffleOrder.Paper, new long[] { 0, 3, 1, 4, 2, 5 })]
    // The groups are the columns.
    [DataRow(3, ChannelShuffleOrder.Authors, new long[] { 0, 3, 1, 4, 2, 5 })]
    [DataRow(2, ChannelShuffleOrder.Authors, new long[] { 0, 2, 4, 1, 3, 5 })]
    [DataRow(1, ChannelShuffleOrder.Paper, new long[] { 0, 1, 2, 3, 4, 5 })]
    [DataRow(1, ChannelShuffleOrder.Authors, new long[] { 0, 1, 2, 3, 4, 5 })]
    public void Six_channels_come_in_the_order_worked_by_hand(int groups, ChannelShuffleOrder order, long[] expected)
    {
        using var scope = NewDisposeScope();
        var shuffle = new ChannelShuffle(groups, order);
        var images = arange(2 * 6 * 3 * 5, ScalarType.Float32).view(2, 6, 3, 5);

        var shuffled = shuffle.Apply(images);

        // Each channel moves as a whole, image by image.
        var whole = stack([.. expected.Select(channel => images.select(1, channel))], 1);
        CollectionAssert.AreEqual(whole.shape, shuffled.shape);
        CollectionAssert.AreEqual(Values(whole), Values(shuffled));
        CollectionAssert.AreEqual(expected, shuffle.Sources(6));
    }

    [TestMethod]
    [DataRow(3, 60)]
    [DataRow(8, 96)]
    public void The_two_orders_undo_each_other(int groups, int channels)
    {
        using var scope = NewDisposeScope();
        var images = rand([2, channels, 2, 2]);
        var paper = new ChannelShuffle(groups, ChannelShuffleOrder.Paper);
        var authors = new ChannelShuffle(groups, ChannelShuffleOrder.Authors);
        CollectionAssert.AreNotEqual(Values(images), Values(paper.Apply(images)));
        CollectionAssert.AreEqual(Values(images), Values(authors.Apply(paper.Apply(images))));
        CollectionAssert.AreEqual(Values(images), Values(paper.Apply(authors.Apply(images))));
    }

    [TestMethod]
    public void The_shuffle_is_the_papers_reshape_transpose_and_flatten()
    {
        using var scope = NewDisposeScope();
        var images = rand([2, 12, 4, 5]);
        var expected = images.view(2, 3, 4, 4, 5).transpose(1, 2).reshape(2, 12, 4, 5);
        CollectionAssert.AreEqual(Values(expected), Values(new ChannelShuffle(3, ChannelShuffleOrder.Paper).Apply(images)));
    }

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
