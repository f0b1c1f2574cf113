using Microsoft.ML;

namespace MlNet.ImageClassification.Tests;

/// <summary>What tells a checkpoint's data from other data.</summary>
[TestClass]
public sealed class FingerprintTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_same_rows_have_the_same_fingerprint_in_memory_and_streamed()
    {
        ulong inMemory = Fingerprint(TinyImages.Floats(4800));

        Assert.AreEqual(inMemory, Fingerprint(TinyImages.Floats(4800)));
        Assert.AreEqual(inMemory, Fingerprint(TinyImages.Floats(4800), megabytes: 1));
    }

    [TestMethod]
    public void One_pixel_one_label_the_order_and_the_number_of_rows_count()
    {
        var fingerprints = new List<ulong> { Fingerprint(TinyImages.Floats(60)), Fingerprint(TinyImages.Floats(59)) };
        var images = TinyImages.Floats(60);
        images[30].Features[17] += 0.001f;
        fingerprints.Add(Fingerprint(images));
        images = TinyImages.Floats(60);
        images[30].Label = 1;
        fingerprints.Add(Fingerprint(images));
        images = TinyImages.Floats(60);
        // Rows 3 and 6 are of one class.
        (images[3], images[6]) = (images[6], images[3]);
        fingerprints.Add(Fingerprint(images));

        CollectionAssert.AllItemsAreUnique(fingerprints);
    }

    [TestMethod]
    public void The_images_validated_on_count()
    {
        var images = TinyImages.Floats(30, first: 100);
        ulong before = Fingerprint(TinyImages.Floats(60), validation: images);
        images[7].Features[0] += 0.001f;

        Assert.AreNotEqual(before, Fingerprint(TinyImages.Floats(60), validation: images));
        Assert.AreNotEqual(before, Fingerprint(TinyImages.Floats(60)));
    }

    [TestMethod]
    public void A_checkpoint_does_not_continue_on_other_images_with_the_same_labels()
    {
        using var folder = new TempFolder();
        using var source = new CancellationTokenSource();
        var options = TinyImages.Options();
        options.WorkspacePath = folder.Path;
        options.CancellationToken = source.Token;
        options.MetricsCallback = _ => source.Cancel();
        new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(60))).Dispose();
        options.CancellationToken = default;
        options.MetricsCallback = null;

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(60, first: 300))));

        Assert.Contains("content of the rows", exception.Message);
    }

    private ulong Fingerprint(FloatImage[] images, int? megabytes = null, FloatImage[]? validation = null)
    {
        var options = TinyImages.Options();
        options.PixelMemoryMegabytes = megabytes;
        options.ValidationSet = validation is null ? null : _ml.Keyed(validation);
        return TrainingData.Load(_ml.Keyed(images), options, new TrainingLog(null)).Fingerprint;
    }
}
