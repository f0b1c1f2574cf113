namespace Cifar10Loader;

public static partial class Cifar10
{
    /// <summary>
    /// Draws a ten-class set of 32x32 images in the format of CIFAR-10's binary version, for machines without the data.
    /// It is generated, not CIFAR-10: ten kinds of shapes (disc, ring, square, frame, triangle, cross, stripes, checkers,
    /// crescent, dots) in random colors, places, sizes and turns, on shaded and noisy grounds. Accuracies reached on it
    /// say that training works; they say nothing about CIFAR-10. The classes are equally frequent and shuffled.
    /// </summary>
    /// <param name="directory">Where the batches are written; created if need be. Its GENERATED.txt says that it is generated.</param>
    /// <param name="trainingImages">Number of training images, at least 5 (one for each file).</param>
    /// <param name="testImages">Number of test images, at least 1.</param>
    /// <param name="seed">Not negative. The same seed gives the same bytes on every machine.</param>
    /// <param name="cancellationToken">Stops the drawing; no batch is left behind.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few images, or a negative seed.</exception>
    /// <exception cref="IOException">The directory holds batches already, or cannot be written.</exception>
    public static void Generate(
        string directory,
        int trainingImages = 50_000,
        int testImages = 10_000,
        int seed = 1,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(trainingImages, CifarFormat.TrainingBatches.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(testImages, CifarFormat.TestBatches.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(seed);

        using var training = new BatchWriter(directory, Cifar10Split.Train, DrawnImages.ClassNames, trainingImages);
        using var test = new BatchWriter(directory, Cifar10Split.Test, DrawnImages.ClassNames, testImages);

        // Two streams, so that the test images do not depend on the number of training images.
        Draw(training, trainingImages, 2 * seed, cancellationToken);
        Draw(test, testImages, 2 * seed + 1, cancellationToken);
        training.Commit();
        test.Commit();
        File.WriteAllText(
            Path.Combine(directory, "GENERATED.txt"),
            "Generated images, not CIFAR-10: ten classes of drawn shapes in the format of CIFAR-10's binary version.\n" +
            $"Written by Cifar10.Generate with seed {seed}.\n");
    }

    private static void Draw(BatchWriter batches, int count, int seed, CancellationToken cancellationToken)
    {
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % DrawnImages.ClassNames.Length)];
        new Random(seed).Shuffle(labels);
        var images = new DrawnImages(seed);
        var pixels = new byte[CifarFormat.PixelBytes];
        foreach (int label in labels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            images.Draw(label, pixels);
            batches.Add(label, pixels);
        }
    }
}
