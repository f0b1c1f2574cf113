using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class RandAugmentTests
{
    [TestMethod]
    public void At_magnitude_0_operations_with_a_strength_leave_images_as_they_are()
    {
        using var scope = NewDisposeScope();
        var images = ColorTests.RandomPixels(2, 3, 9, 6).clamp(max: 254);

        foreach (var operation in Enum.GetValues<RandAugment.Operation>())
            if (operation is not (RandAugment.Operation.AutoContrast or RandAugment.Operation.Equalize))
                ColorTests.AssertClose(images, new RandAugment(1, 0).Apply(operation, images, [1, -1]), 1e-4);
    }

    [TestMethod]
    public void Auto_contrast_and_equalize_leave_images_of_one_color_and_of_all_values_as_they_are()
    {
        using var scope = NewDisposeScope();
        var flat = full([1, 3, 16, 32], 77f);
        var all = arange(256, dtype: ScalarType.Float32).repeat(2).view(1, 1, 16, 32);

        foreach (var operation in new[] { RandAugment.Operation.AutoContrast, RandAugment.Operation.Equalize })
        {
            ColorTests.AssertClose(flat, new RandAugment(1, 9).Apply(operation, flat, [1]), 1e-4);
            ColorTests.AssertClose(all, new RandAugment(1, 9).Apply(operation, all, [1]), 1);
        }
    }

    [TestMethod]
    public void Each_image_draws_an_operation_of_its_own_and_each_is_as_likely()
    {
        using var scope = NewDisposeScope();
        const int count = 1400;
        var image = ColorTests.RandomPixels(1, 3, 16, 24);
        var augment = new RandAugment(1, 20);
        // What each operation does, either way.
        var results = Enum.GetValues<RandAugment.Operation>()
            .SelectMany(operation => new[] { 1, -1 }.Select(sign => (operation, Values: ColorTests.Values(augment.Apply(operation, image, [sign])))))
            .ToArray();

        var augmented = ColorTests.Values(augment.Apply(image.expand(count, 3, 16, 24), new Random(1))).Chunk(3 * 16 * 24);

        var drawn = augmented.Select(pixels => results.First(result => result.Values.Zip(pixels).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3)))
            .CountBy(result => result.operation).ToDictionary();
        // 100 of each are expected, with a deviation of 9.6.
        Assert.HasCount(14, drawn);
        foreach (var (operation, times) in drawn)
            Assert.IsTrue(times is > 55 and < 145, $"{operation}: {times}");
    }

    [TestMethod]
    public void The_batch_that_is_given_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var images = ColorTests.RandomPixels(20, 3, 8, 8);
        var before = images.clone();

        var augmented = new RandAugment(2, 15).Apply(images, new Random(1));

        ColorTests.AssertClose(before, images, 0);
        Assert.IsTrue(augmented.min().item<float>() >= 0 && augmented.max().item<float>() <= 255);
        Assert.IsGreaterThan(10, Enumerable.Range(0, 20).Count(i => !augmented[i].allclose(images[i])));
    }
}
