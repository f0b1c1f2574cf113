using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Operations against what torchvision computed: see Golden/augmentations.py.</summary>
[TestClass]
public sealed class TorchvisionTests
{
    public static IEnumerable<(string Name, double Amount, float[] Expected)> Results =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "augmentations.txt")).Select(line =>
        {
            var parts = line.Split(' ');
            return (parts[0], Number(parts[1]), parts.Skip(2).Select(text => (float)Number(text)).ToArray());
        });

    [TestMethod]
    [DynamicData(nameof(Results))]
    public void An_operation_gives_what_torchvision_gives(string name, double amount, float[] expected)
    {
        using var scope = NewDisposeScope();
        // Beside another image, which must not matter.
        var image = name == "Equalize" ? (Picture(20, 30) / 3).floor() + 50 : Picture(7, 10);
        var images = stack([image.flip(1), name == "AutoContrast" ? image / 2 + 25.5 : image]);

        var result = Compute(name, images, amount);

        CollectionAssert.AreEqual(images.shape, result.shape);
        var actual = result[1].contiguous().data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 0.001f, $"value {i}");
    }

    private static Tensor Compute(string name, Tensor images, double amount)
    {
        using var factors = tensor([1f, (float)amount], [2, 1, 1, 1]);
        switch (name)
        {
            case "Brightness": return PixelOperations.Brightness(images, factors);
            case "Contrast": return PixelOperations.Contrast(images, factors);
            case "Saturation": return PixelOperations.Saturation(images, factors);
            case "Sharpness": return PixelOperations.Sharpness(images, factors);
            case "Hue": return PixelOperations.Hue(images, factors);
            case "Posterize": return PixelOperations.Posterize(images, (int)amount);
            case "Solarize": return PixelOperations.Solarize(images, amount);
            default:
                // RandAugment's operations, whose amount is the magnitude and the sign.
                var operation = Enum.Parse<RandAugment.Operation>(name);
                return new RandAugment(1, (int)Math.Abs(amount)).Apply(operation, images, [1, Math.Sign(amount) | 1]);
        }
    }

    private static Tensor Picture(int height, int width) => tensor(
        [.. from c in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, height)
            from x in Enumerable.Range(0, width)
            select (float)((37 * c + 91 * y + 53 * x + 17 * x * y) % 256)],
        [3, height, width]);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
