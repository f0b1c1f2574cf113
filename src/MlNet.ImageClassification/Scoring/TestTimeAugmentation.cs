using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Of which views of an image the probabilities are averaged when it is scored.</summary>
public enum TestTimeAugmentation
{
    /// <summary>The image alone.</summary>
    None,

    /// <summary>The image and its mirror image: twice the time.</summary>
    Flip,

    /// <summary>
    /// The image, the image moved up, down, left and right by a sixteenth of its shorter side (at least a pixel), and the mirror images
    /// of these five: ten times the time. (After the ten crops of Krizhevsky et al., ImageNet classification with deep convolutional
    /// neural networks, 2012, section 4.1.)
    /// </summary>
    FlipAndShift,
}

/// <summary>The views of a <see cref="TestTimeAugmentation"/>.</summary>
internal static class ImageViews
{
    private const int ShiftsPerSide = 16;

    // Where in the image with a border, one shift wide, a window begins, in shifts.
    private static readonly (int Top, int Left)[] Shifts = [(0, 1), (2, 1), (1, 0), (1, 2)];

    /// <summary>The class probabilities of a batch, averaged over the views.</summary>
    /// <param name="augmentation">Which views.</param>
    /// <param name="network">Computes the probabilities.</param>
    /// <param name="images">[N, C, H, W], normalized.</param>
    /// <returns>[N, classes], float32.</returns>
    public static Tensor MeanProbabilities(this TestTimeAugmentation augmentation, InferenceNetwork network, Tensor images)
    {
        Tensor? sum = null;
        int views = 0;
        foreach (var view in augmentation.Views(images))
        {
            var probabilities = network.Probabilities(view);
            sum = sum is null ? probabilities : sum.AddInPlace(probabilities);
            views++;
        }
        return views == 1 ? sum! : sum!.div_(views);
    }

    /// <summary>The views of a batch, one after the other.</summary>
    /// <param name="augmentation">Which.</param>
    /// <param name="images">[N, C, H, W], normalized: what is moved in from outside is zero.</param>
    /// <returns>[N, C, H, W] each; the first is the argument.</returns>
    public static IEnumerable<Tensor> Views(this TestTimeAugmentation augmentation, Tensor images)
    {
        yield return images;
        if (augmentation == TestTimeAugmentation.None)
            yield break;
        yield return images.flip(3);
        if (augmentation == TestTimeAugmentation.Flip)
            yield break;
        long shift = Shift(images.shape[2], images.shape[3]);
        foreach (var (top, left) in Shifts)
        {
            var padded = nn.functional.pad(images, [shift, shift, shift, shift]);
            var shifted = padded.narrow(2, top * shift, images.shape[2]).narrow(3, left * shift, images.shape[3]);
            yield return shifted;
            yield return shifted.flip(3);
        }
    }

    /// <summary>The same views in a graph.</summary>
    /// <param name="augmentation">Which.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="images">[N, C, H, W], normalized.</param>
    /// <param name="shape">The size of the images.</param>
    public static IEnumerable<string> Views(this TestTimeAugmentation augmentation, OnnxGraph graph, string images, ImageShape shape)
    {
        var mirrored = Places(shape.Width, 0).Reverse().ToArray();
        yield return images;
        if (augmentation == TestTimeAugmentation.None)
            yield break;
        yield return graph.Move(images, 3, mirrored);
        if (augmentation == TestTimeAugmentation.Flip)
            yield break;
        long shift = Shift(shape.Height, shape.Width);
        foreach (var (top, left) in Shifts)
        {
            var shifted = left == 1
                ? graph.Move(images, 2, Places(shape.Height, (top - 1) * shift))
                : graph.Move(images, 3, Places(shape.Width, (left - 1) * shift));
            yield return shifted;
            yield return graph.Move(shifted, 3, mirrored);
        }

        static long[] Places(int count, long offset) => [.. Enumerable.Range(0, count).Select(place => place + offset)];
    }

    private static long Shift(long height, long width) => Math.Max(1, Math.Min(height, width) / ShiftsPerSide);
}
