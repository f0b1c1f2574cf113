using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class ErasingTests
{
    [TestMethod]
    public void Erased_rectangles_have_the_area_and_the_sides_they_may()
    {
        var random = new Random(1);
        var places = new HashSet<(bool Upper, bool Left)>();
        var shares = new List<double>();
        for (int i = 0; i < 1000; i++)
        {
            var rectangle = RandomErasing.Draw(100, 200, random);
            double ratio = (double)rectangle.Height / rectangle.Width;
            shares.Add(rectangle.Area / 20000.0);
            // Sides are whole pixels.
            Assert.IsTrue(ratio is > 0.28 and < 3.5, $"{rectangle}");
            Assert.IsTrue(rectangle.Top >= 0 && rectangle.Top + rectangle.Height <= 100, $"{rectangle}");
            Assert.IsTrue(rectangle.Left >= 0 && rectangle.Left + rectangle.Width <= 200, $"{rectangle}");
            places.Add((rectangle.Top + rectangle.Height / 2 < 50, rectangle.Left + rectangle.Width / 2 < 100));
        }
        Assert.IsTrue(shares.Min() is > 0.018 and < 0.03, $"{shares.Min()}");
        Assert.IsTrue(shares.Max() is > 0.3 and < 0.34, $"{shares.Max()}");
        Assert.HasCount(4, places);
    }

    [TestMethod]
    public void Erased_are_as_many_images_as_the_probability_says_and_in_all_channels()
    {
        using var scope = NewDisposeScope();
        var images = ones([400, 3, 20, 30]);

        var erased = new RandomErasing(0.25).Apply(images, new Random(1));

        var holes = erased.eq(0);
        Assert.IsTrue(holes.all(1).eq(holes.any(1)).all().item<bool>());
        var shares = ColorTests.Values(holes.to_type(ScalarType.Float32).mean([1, 2, 3]));
        // 100 are expected, with a deviation of 8.7.
        Assert.IsTrue(shares.Count(share => share > 0) is > 60 and < 140, $"{shares.Count(share => share > 0)}");
        Assert.IsTrue(shares.Where(share => share > 0).All(share => share is > 0.015f and < 0.36f));
        Assert.AreEqual(1f, images.min().item<float>());
    }

    [TestMethod]
    public void Images_of_one_pixel_have_no_rectangle_to_erase()
    {
        using var scope = NewDisposeScope();
        Assert.AreEqual(8f, new RandomErasing(1).Apply(ones([8, 1, 1, 1]), new Random(1)).sum().item<float>());
    }
}
