using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class ImageSizeScheduleTests
{
    [TestMethod]
    // 0.5 until half of the epochs are done, then 0.5 + 0.5 (done - 0.5) / 0.3, each to the nearest multiple of 4.
    [DataRow(0.5, 10, new[] { 16, 16, 16, 16, 16, 16, 20, 28, 32, 32 })]
    [DataRow(0.5, 2, new[] { 16, 32 })]
    [DataRow(0.5, 1, new[] { 32 })]
    [DataRow(1, 3, new[] { 32, 32, 32 })]
    [DataRow(0.25, 6, new[] { 8, 8, 8, 8, 20, 32 })]
    public void Images_are_small_then_grow_to_their_full_size(double initialScale, int epochs, int[] sizes)
    {
        var schedule = new ImageSizeSchedule(initialScale, epochs, new ImageShape(3, 32, 64));

        CollectionAssert.AreEqual(sizes, Enumerable.Range(1, epochs).Select(epoch => schedule.At(epoch).Height).ToArray());
        Assert.AreEqual(64, schedule.At(epochs).Width);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(0.5)]
    public void The_full_size_need_not_be_a_multiple_of_anything(double initialScale)
    {
        var schedule = new ImageSizeSchedule(initialScale, 10, new ImageShape(3, 33, 225));

        Assert.AreEqual((33, 225), schedule.At(10));
    }

    [TestMethod]
    public void The_work_that_is_left_counts_pixels()
    {
        // 8 epochs: 16 pixels five times, then 24, 28 and 32.
        var schedule = new ImageSizeSchedule(0.5, 8, new ImageShape(3, 32, 32));

        Assert.AreEqual((4 * 16 * 16 + 24 * 24 + 28 * 28 + 32 * 32) / 256.0, schedule.WorkAfter(1), 1e-12);
        Assert.AreEqual(32 * 32 / (28.0 * 28), schedule.WorkAfter(7), 1e-12);
        Assert.AreEqual(0, schedule.WorkAfter(8));
    }

    [TestMethod]
    public void Half_the_size_is_the_mean_of_two_by_two_pixels()
    {
        using var scope = NewDisposeScope();
        var images = arange(64, ScalarType.Float32).view(1, 1, 8, 8);
        var small = new ImageSizeSchedule(0.5, 4, new ImageShape(1, 8, 8)).Apply(images, epoch: 1);

        CollectionAssert.AreEqual(new long[] { 1, 1, 4, 4 }, small.shape);
        // Of 0, 1, 8 and 9.
        Assert.AreEqual(4.5f, small[0, 0, 0, 0].item<float>());
        Assert.AreEqual(58.5f, small[0, 0, 3, 3].item<float>());
    }
}
