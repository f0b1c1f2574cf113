using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class ColorTests
{
    [TestMethod]
    public void A_third_of_the_circle_hands_each_channel_to_the_next()
    {
        using var scope = NewDisposeScope();
        using var images = RandomPixels(2, 3, 6, 5);

        var turned = PixelOperations.Hue(images, full([2, 1, 1, 1], 1f / 3));

        // What was red is green now.
        AssertClose(images.roll(1, 1), turned, 0.01);
    }

    [TestMethod]
    public void Twice_the_brightness_doubles_a_gray_value_up_to_white()
    {
        using var scope = NewDisposeScope();
        var images = tensor([10f, 100f, 127.5f, 200f], [1, 1, 2, 2]);

        var bright = PixelOperations.Brightness(images, full([1, 1, 1, 1], 2f));

        CollectionAssert.AreEqual(new[] { 20f, 200f, 255f, 255f }, bright.data<float>().ToArray());
    }

    [TestMethod]
    public void Images_of_one_channel_have_no_hue_and_no_saturation()
    {
        using var scope = NewDisposeScope();
        var images = RandomPixels(2, 1, 4, 4);

        AssertClose(images, PixelOperations.Hue(images, full([2, 1, 1, 1], 0.3f)), 0);
        AssertClose(images, PixelOperations.Saturation(images, full([2, 1, 1, 1], 0.3f)), 1e-4);
    }

    [TestMethod]
    public void Each_image_draws_its_own_brightness_within_the_strength()
    {
        using var scope = NewDisposeScope();
        var images = full([400, 1, 2, 2], 100f);

        var factors = Values(new ColorJitter(0.4, 0, 0, 0).Apply(images, new Random(1))[.., 0, 0, 0] / 100);

        Assert.IsTrue(factors.All(factor => factor is >= 0.5999f and <= 1.4001f));
        AssertEven(factors, 0.6, 1.4);
    }

    [TestMethod]
    public void Each_image_turns_its_hue_either_way_within_the_share()
    {
        using var scope = NewDisposeScope();
        // Pure red of 240; a turn by up to a tenth of the circle adds up to 0.6 of green, or of blue the other way.
        var images = tensor([240f, 0f, 0f], [1, 3, 1, 1]).expand(400, 3, 1, 1);

        var turned = new ColorJitter(0, 0, 0, 0.1).Apply(images, new Random(1));

        var turns = Values((turned[.., 1, 0, 0] - turned[.., 2, 0, 0]) / 240 / 6);
        Assert.IsTrue(turns.All(turn => Math.Abs(turn) <= 0.10001f));
        AssertEven(turns, -0.1, 0.1);
    }

    [TestMethod]
    public void Batches_take_the_changes_in_different_orders()
    {
        using var scope = NewDisposeScope();
        // Gray values 0, 50 and 250 of one image: doubled and then pulled together they are other than the other way round.
        var images = RandomPixels(1, 3, 4, 4);
        var orders = new HashSet<bool>();
        for (int seed = 0; seed < 20; seed++)
        {
            var recorder = new Random(seed);
            var changed = new ColorJitter(1, 1, 0, 0).Apply(images, recorder);
            var replay = new Random(seed);
            bool[] brightnessFirst = [true, false];
            replay.Shuffle(brightnessFirst);
            var first = full([1, 1, 1, 1], (float)(1 + (2 * replay.NextDouble() - 1)));
            var second = full([1, 1, 1, 1], (float)(1 + (2 * replay.NextDouble() - 1)));
            var expected = brightnessFirst[0]
                ? PixelOperations.Contrast(PixelOperations.Brightness(images, first), second)
                : PixelOperations.Brightness(PixelOperations.Contrast(images, first), second);
            AssertClose(expected, changed, 1e-3);
            orders.Add(brightnessFirst[0]);
        }
        Assert.HasCount(2, orders);
    }

    internal static Tensor RandomPixels(params long[] shape)
    {
        var random = new Random(3);
        return tensor([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)random.Next(256))], shape);
    }

    internal static float[] Values(Tensor values) => values.contiguous().data<float>().ToArray();

    internal static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        Assert.IsLessThanOrEqualTo(tolerance, (expected - actual).abs().max().item<float>());
    }

    // 400 even draws: each quarter of the range has 100, with a deviation of 8.7.
    private static void AssertEven(float[] draws, double low, double high)
    {
        var quarters = draws.CountBy(draw => Math.Clamp((int)((draw - low) / (high - low) * 4), 0, 3)).ToDictionary();
        for (int i = 0; i < 4; i++)
            Assert.IsTrue(quarters[i] is > 60 and < 140, $"quarter {i}: {quarters[i]}");
    }
}
