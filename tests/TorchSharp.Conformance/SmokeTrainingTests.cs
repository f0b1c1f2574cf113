using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

/// <summary>All parts together: a small network learns to tell drawn patterns apart.</summary>
[TestClass]
public class SmokeTrainingTests
{
    private const int ImageSize = 12;
    private const int Classes = 4;
    private const int BatchSize = 50;

    [TestMethod]
    public void A_small_network_learns_patterns_it_has_not_seen()
    {
        var (_, accuracy) = Train(seed: 1);
        Assert.IsGreaterThan(0.95, accuracy);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_losses()
    {
        var (first, _) = Train(seed: 2);
        var (second, _) = Train(seed: 2);
        CollectionAssert.AreEqual(first, second);
        var (other, _) = Train(seed: 3);
        CollectionAssert.AreNotEqual(first, other);
    }

    [TestMethod]
    public void Training_leaves_no_tensor_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Train(seed: 4);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Five passes over 600 images; returns the loss of every step and the accuracy on 400 others.</summary>
    private static (List<float> Losses, double Accuracy) Train(int seed)
    {
        manual_seed(seed);
        var random = new Random(seed);
        using var scope = NewDisposeScope();
        using var network = Sequential(
            Conv2d(1, 8, 3, 1, 1, bias: false), BatchNorm2d(8), ReLU(true), MaxPool2d(2),
            Conv2d(8, 16, 3, 1, 1, bias: false), BatchNorm2d(16), ReLU(true), AdaptiveAvgPool2d(1),
            Flatten(), Linear(16, Classes));
        using var optimizer = optim.SGD(network.parameters(), 0.1, 0.9, 0, 1e-4, true);
        var (images, labels) = DrawPatterns(600, random);
        var losses = new List<float>();
        for (var step = 0; step < 5 * 600 / BatchSize; step++)
        {
            using var stepScope = NewDisposeScope();
            var start = step * BatchSize % 600;
            var loss = functional.cross_entropy(
                network.call(images.narrow(0, start, BatchSize)), labels.narrow(0, start, BatchSize));
            network.zero_grad();
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<float>());
        }

        network.eval();
        using var _ = no_grad();
        var (testImages, testLabels) = DrawPatterns(400, random);
        var correct = network.call(testImages).argmax(1).eq(testLabels).sum().item<long>();
        return (losses, correct / 400.0);
    }

    /// <summary>Horizontal, vertical and diagonal stripes and a checkerboard, shifted and noisy.</summary>
    private static (Tensor Images, Tensor Labels) DrawPatterns(int count, Random random)
    {
        var pixels = new float[count * ImageSize * ImageSize];
        var labels = new long[count];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (image, y, x) = (i / (ImageSize * ImageSize), i / ImageSize % ImageSize, i % ImageSize);
            if (y == 0 && x == 0)
                labels[image] = random.Next(Classes);
            var shift = image % 4;
            var bright = labels[image] switch
            {
                0 => (y + shift) / 2 % 2 == 0,
                1 => (x + shift) / 2 % 2 == 0,
                2 => (x + y + shift) / 2 % 2 == 0,
                _ => ((x + shift) / 2 + y / 2) % 2 == 0,
            };
            pixels[i] = (bright ? 1 : -1) + 2 * (random.NextSingle() - 0.5f);
        }
        return (tensor(pixels, [count, 1, ImageSize, ImageSize]), tensor(labels, [count]));
    }
}
