using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

/// <summary>Means and deviations of n draws may stray five standard errors: 5 s / sqrt(n) and 5 s / sqrt(2 n).</summary>
[TestClass]
public class InitTests
{
    private DisposeScope _scope = null!;

    [TestInitialize]
    public void SeedAndOpenScope()
    {
        manual_seed(11);
        _scope = NewDisposeScope();
    }

    [TestCleanup]
    public void CloseScope() => _scope.Dispose();

    [TestMethod]
    public void Constants_fill_the_tensor_they_are_given()
    {
        var weight = Parameter(empty([2, 3]));
        Assert.AreEqual(0, init.zeros_(weight).sum().item<float>());
        Assert.AreEqual(6, init.ones_(weight).sum().item<float>());
        Assert.AreEqual(15, init.constant_(weight, 2.5).sum().item<float>());
        Assert.AreEqual(15, weight.sum().item<float>());
        Assert.IsTrue(weight.requires_grad);
    }

    [TestMethod]
    public void Uniform_draws_between_its_bounds()
        => AssertDistribution(init.uniform_(empty([100, 400]), -2, 4), 1, 6 / Math.Sqrt(12), (-2, 4));

    [TestMethod]
    public void Normal_draws_with_its_mean_and_deviation()
        => AssertDistribution(init.normal_(empty([100, 400]), 3, 0.5), 3, 0.5);

    [TestMethod]
    public void Kaiming_normal_follows_the_fan_out()
        => AssertDistribution(
            init.kaiming_normal_(empty([64, 32, 3, 3]), 0, init.FanInOut.FanOut, init.NonlinearityType.ReLU),
            0, Math.Sqrt(2.0 / (64 * 9)));

    [TestMethod]
    public void Kaiming_uniform_follows_the_fan_in_and_the_slope()
    {
        var bound = Math.Sqrt(2 / (1 + 0.2 * 0.2)) * Math.Sqrt(3.0 / (32 * 9));
        AssertDistribution(init.kaiming_uniform_(empty([64, 32, 3, 3]), 0.2), 0, bound / Math.Sqrt(3), (-bound, bound));
    }

    [TestMethod]
    public void Xavier_uniform_follows_both_fans()
    {
        var bound = 2 * Math.Sqrt(6.0 / (300 + 100));
        AssertDistribution(init.xavier_uniform_(empty([100, 300]), 2), 0, bound / Math.Sqrt(3), (-bound, bound));
    }

    [TestMethod]
    public void Layers_start_uniform_within_one_over_the_root_of_the_fan_in()
    {
        var bound = 1 / Math.Sqrt(16 * 9);
        var convolution = Conv2d(16, 64, 3);
        AssertDistribution(convolution.weight, 0, bound / Math.Sqrt(3), (-bound, bound));
        AssertWithin(convolution.bias!, -bound, bound);
        var linear = Linear(144, 100);
        AssertDistribution(linear.weight, 0, bound / Math.Sqrt(3), (-bound, bound));
        AssertWithin(linear.bias!, -bound, bound);
    }

    [TestMethod]
    public void Batch_norm_starts_as_the_identity()
    {
        var norm = BatchNorm2d(3);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1 }, norm.weight.data<float>().ToArray());
        CollectionAssert.AreEqual(new float[3], norm.bias!.data<float>().ToArray());
        CollectionAssert.AreEqual(new float[3], norm.running_mean!.data<float>().ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 1, 1 }, norm.running_var!.data<float>().ToArray());
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_weights()
    {
        manual_seed(5);
        var first = Conv2d(2, 3, 3).weight;
        manual_seed(5);
        var second = Conv2d(2, 3, 3).weight;
        CollectionAssert.AreEqual(first.data<float>().ToArray(), second.data<float>().ToArray());
    }

    [TestMethod]
    public void Fans_count_the_receptive_field()
    {
        Assert.AreEqual((7L, 5L), init.CalculateFanInAndFanOut(empty([5, 7])));
        Assert.AreEqual((4L * 6, 8L * 6), init.CalculateFanInAndFanOut(empty([8, 4, 2, 3])));
        Assert.Throws<ArgumentException>(() => init.CalculateFanInAndFanOut(empty([5])));
    }

    [TestMethod]
    public void Gains_are_the_published_ones()
    {
        Assert.AreEqual(1, init.calculate_gain(init.NonlinearityType.Linear));
        Assert.AreEqual(Math.Sqrt(2), init.calculate_gain(init.NonlinearityType.ReLU), 1e-12);
        Assert.AreEqual(5.0 / 3, init.calculate_gain(init.NonlinearityType.Tanh), 1e-12);
        Assert.AreEqual(Math.Sqrt(2 / 1.25), init.calculate_gain(init.NonlinearityType.LeakyReLU, 0.5), 1e-12);
    }

    private static void AssertDistribution(
        Tensor tensor, double mean, double deviation, (double Low, double High)? bounds = null)
    {
        var values = Array.ConvertAll(tensor.detach().data<float>().ToArray(), value => (double)value);
        var actualMean = values.Average();
        var actualDeviation = Math.Sqrt(values.Average(value => (value - actualMean) * (value - actualMean)));
        Assert.AreEqual(mean, actualMean, 5 * deviation / Math.Sqrt(values.Length), "mean");
        Assert.AreEqual(deviation, actualDeviation, 5 * deviation / Math.Sqrt(2 * values.Length), "standard deviation");
        if (bounds is { } limits)
            AssertWithin(tensor, limits.Low, limits.High);
    }

    private static void AssertWithin(Tensor tensor, double low, double high)
    {
        // Bounds become floats on their way.
        const double rounding = 1e-6;
        Assert.IsTrue(tensor.data<float>().ToArray().All(value => value >= low - rounding && value <= high + rounding));
    }
}
