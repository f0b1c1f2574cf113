namespace Cifar10Loader.Tests;

/// <summary>Hand-made CIFAR files whose every byte can be told: pixel k of image i is (7 i + k) mod 256.</summary>
internal static class SmallCifar
{
    public static readonly string[] ClassNames =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public static byte[] Pixels(int image) => [.. Enumerable.Range(0, 3072).Select(k => (byte)(7 * image + k))];

    public static byte[] Record(int image, params byte[] labels) => [.. labels, .. Pixels(image)];

    /// <summary>
    /// Five training batches of <paramref name="perBatch"/> images and a test batch of as many. Image i of the training
    /// set has the label i mod 10; the test images go on counting.
    /// </summary>
    public static void Write(TempFolder directory, int perBatch = 2, string folder = ".")
    {
        int image = 0;
        foreach (string name in new[] { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" })
        {
            byte[] batch = [.. Enumerable.Range(0, perBatch).SelectMany(_ => Record(image, (byte)(image++ % 10)))];
            directory.Write(Path.Combine(folder, name + ".bin"), batch);
        }

        directory.Write(Path.Combine(folder, "batches.meta.txt"), string.Join("\n", ClassNames) + "\n\n");
    }
}
