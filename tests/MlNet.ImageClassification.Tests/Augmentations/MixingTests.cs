using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class MixingTests
{
    private const int Count = 200;

    [TestMethod]
    [DataRow(0.4, 0.0)]
    [DataRow(0.0, 1.0)]
    public void An_image_shows_its_labels_in_the_shares_that_the_loss_gives_them(double mixupAlpha, double cutMixAlpha)
    {
        using var scope = NewDisposeScope();
        // Image and label i are the number i, so the pixels tell whose they are.
        var labels = arange(Count);
        var images = labels.to_type(ScalarType.Float32).view(Count, 1, 1, 1).expand(Count, 2, 12, 9).contiguous();

        var (mixed, target) = new Mixing(mixupAlpha, cutMixAlpha).Apply(images, new MixedLabels(labels), new Random(1));

        // A loss that is the label itself is the mean of an image's pixels, where each has its share of both labels.
        var shown = ColorTests.Values(mixed.mean([1, 2, 3]));
        var expected = ColorTests.Values(target.Loss(label => label.to_type(ScalarType.Float32)));
        // One that is 1 for any label stays 1: the shares sum to one.
        var mass = ColorTests.Values(target.Loss(label => ones_like(label, dtype: ScalarType.Float32)));
        for (int i = 0; i < Count; i++)
        {
            Assert.AreEqual(expected[i], shown[i], 1e-3f, $"image {i}");
            Assert.AreEqual(1f, mass[i], $"image {i}");
        }
        Assert.IsGreaterThan(Count / 2, Enumerable.Range(0, Count).Count(i => Math.Abs(shown[i] - i) > 0.01));
    }

    [TestMethod]
    public void CutMix_takes_whole_pixels_of_one_rectangle()
    {
        using var scope = NewDisposeScope();
        var images = arange(Count, dtype: ScalarType.Float32).view(Count, 1, 1, 1).expand(Count, 1, 12, 9).contiguous();

        var (mixed, _) = new Mixing(0, 1).Apply(images, new MixedLabels(arange(Count)), new Random(1));

        var foreign = mixed.ne(images);
        for (int i = 0; i < Count; i++)
        {
            var inside = foreign[i, 0];
            var (rows, columns) = (inside.any(1), inside.any(0));
            Assert.AreEqual((rows.sum() * columns.sum()).item<long>(), inside.sum().item<long>(), $"image {i}: no rectangle");
            Assert.IsLessThanOrEqualTo(2, mixed[i].unique().output.shape[0]);
        }
    }

    [TestMethod]
    public void The_dominant_label_has_the_larger_share()
    {
        using var scope = NewDisposeScope();
        var target = new MixedLabels(tensor([1L, 2L, 3L])).With(tensor([2L, 0L, 1L]), tensor([0.7f, 0.3f, 0.5f]));

        CollectionAssert.AreEqual(new[] { 1L, 1L, 3L }, target.Dominant.data<long>().ToArray());
    }

    [TestMethod]
    public void Each_label_counts_with_the_weight_of_the_image_it_is_from()
    {
        using var scope = NewDisposeScope();
        var target = new MixedLabels(tensor([10L, 20L]), tensor([1f, 3f])).With(tensor([1L, 0L]), tensor([0.75f, 1f]));

        // 0.75 x 1 x 10 + 0.25 x 3 x 20, and 3 x 20.
        CollectionAssert.AreEqual(
            new[] { 22.5f, 60f }, ColorTests.Values(target.Loss(label => label.to_type(ScalarType.Float32))));
    }

    [TestMethod]
    public void Without_alpha_nothing_is_mixed_and_nothing_is_drawn()
    {
        using var scope = NewDisposeScope();
        var (images, labels, random) = (ones([2, 1, 2, 2]), new MixedLabels(tensor([0L, 1L])), new Random(1));

        var (mixed, target) = new Mixing(0, 0).Apply(images, labels, random);

        Assert.AreSame(images, mixed);
        Assert.AreSame(labels, target);
        Assert.AreEqual(new Random(1).Next(), random.Next());
    }

    [TestMethod]
    public void With_both_alphas_batches_draw_one_of_both()
    {
        using var scope = NewDisposeScope();
        var (mixing, random) = (new Mixing(1, 1), new Random(1));
        var images = arange(8, dtype: ScalarType.Float32).view(8, 1, 1, 1).expand(8, 1, 16, 16).contiguous();
        int cut = 0;
        for (int i = 0; i < 100; i++)
        {
            var (mixed, _) = mixing.Apply(images, new MixedLabels(arange(8)), random);
            // Blends of whole numbers are not whole.
            cut += mixed.eq(mixed.round()).all().item<bool>() ? 1 : 0;
        }
        Assert.IsTrue(cut is > 30 and < 70, $"{cut} of 100");
    }

    // Mean 1/2 and variance 1 / (4 (2 alpha + 1)); a density at the bounds for alpha below 1.
    [TestMethod]
    [DataRow(0.1)]
    [DataRow(1.0)]
    [DataRow(8.0)]
    public void Shares_follow_the_beta_distribution(double alpha)
    {
        var random = new Random(1);
        double[] draws = [.. Enumerable.Range(0, 20000).Select(_ => Mixing.DrawBeta(alpha, random))];

        Assert.IsTrue(draws.All(draw => draw is >= 0 and <= 1));
        double variance = 1 / (4 * (2 * alpha + 1));
        Assert.AreEqual(0.5, draws.Average(), 5 * Math.Sqrt(variance / draws.Length));
        Assert.AreEqual(variance, draws.Average(draw => (draw - 0.5) * (draw - 0.5)), 0.05 * variance);
        // Beta(1, 1) is even: a quarter lies below 1/4.
        if (alpha == 1)
            Assert.AreEqual(0.25, draws.Count(draw => draw < 0.25) / 20000.0, 0.015);
    }

    [TestMethod]
    public void A_tiny_alpha_draws_one_image_or_the_other()
    {
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
            Assert.IsTrue(Mixing.DrawBeta(double.Epsilon, random) is 0 or 1);
    }
}
