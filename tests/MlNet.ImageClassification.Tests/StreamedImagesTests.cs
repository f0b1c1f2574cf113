using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification.Tests;

/// <summary>Images that do not fit in the memory they may take.</summary>
[TestClass]
public sealed class StreamedImagesTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Each_image_is_seen_once_per_pass_in_the_order_that_images_in_memory_have()
    {
        var reader = Reader(_ml.Keyed(TinyImages.Floats(200)));
        var rows = Read(reader).Where((_, i) => i % 2 == 0).ToArray();
        var inMemory = new ImageCache(reader.Layout, reader.Codec, rows);
        // Buffers of 1, 7, 33 and 100 images.
        foreach (int held in new[] { 1, 21, 100, 1000 })
        {
            var streamed = Stream(reader, rows, held);
            Assert.AreEqual(100, streamed.Count);
            foreach (int? seed in new int?[] { null, 1, 2 })
            {
                var expected = inMemory.Read(seed, CancellationToken.None).ToArray();
                var actual = streamed.Read(seed, CancellationToken.None).ToArray();
                CollectionAssert.AreEqual(Array.ConvertAll(expected, image => image.Row), Array.ConvertAll(actual, image => image.Row));
                for (int i = 0; i < actual.Length; i++)
                    CollectionAssert.AreEqual(expected[i].Pixels, actual[i].Pixels);
                var later = streamed.Read(seed, CancellationToken.None, takes: place => place >= 37).ToArray();
                CollectionAssert.AreEqual(Array.ConvertAll(expected[37..], image => image.Row), Array.ConvertAll(later, image => image.Row));
            }
        }
    }

    [TestMethod]
    public void Rows_sorted_by_class_come_mixed()
    {
        var reader = Reader(_ml.Keyed(SortedByClass(900)));
        var streamed = Stream(reader, Read(reader).ToArray(), heldImages: 90);

        var labels = streamed.Read(1, CancellationToken.None).Select(image => image.Label).ToArray();

        // Of 30 draws without return 10 are of a class on average, with a deviation of 2.5; as the data lies, 30 or none.
        foreach (var batch in labels.Chunk(30))
            foreach (int label in Enumerable.Range(0, 3))
                Assert.IsInRange(1, 22, batch.Count(l => l == label));
        // Neighbors are of one class as often as chance has it, one time in three (deviation 0.016).
        Assert.AreEqual(1 / 3.0, labels.Zip(labels.Skip(1)).Count(pair => pair.First == pair.Second) / 899.0, 0.08);
    }

    [TestMethod]
    public void An_image_is_decoded_once_per_pass_whatever_the_number_of_buffers()
    {
        int decoded = 0;
        var rows = TinyImages.Floats(60);
        var source = _ml.Transforms.CustomMapping<FloatImage, Decoded>((image, result) =>
        {
            Interlocked.Increment(ref decoded);
            result.Pixels = image.Features;
        }, null).Fit(_ml.Keyed(rows)).Transform(_ml.Keyed(rows));
        var reader = new ImageRowReader(source, nameof(Decoded.Pixels), "Label", BadImagePolicy.Fail);
        var streamed = Stream(reader, Read(reader).ToArray(), heldImages: 12);
        decoded = 0;

        Assert.AreEqual(60, streamed.Read(1, CancellationToken.None).Count());

        Assert.AreEqual(60, decoded);
    }

    [TestMethod]
    [CpuCondition]
    public void A_training_on_rows_sorted_by_class_gives_the_network_that_images_in_memory_give()
    {
        // 9,000 images of 192 packed bytes and 80 of bookkeeping are more than 2 MiB.
        var data = _ml.Keyed(SortedByClass(9000));
        var options = TinyImages.Options();
        options.Epoch = 1;
        options.ValidationSetFraction = 0.1;
        using var inMemory = new TinyTrainer(options).Fit(data);
        options.PixelMemoryMegabytes = 1;
        using var streamed = new TinyTrainer(options).Fit(data);

        Assert.AreEqual(8100, streamed.Report!.TrainingImages);
        Assert.AreEqual(900, streamed.Report.ValidationImages);
        Assert.AreEqual(inMemory.Report!.Epochs[0].Loss, streamed.Report.Epochs[0].Loss);
        var expected = _ml.Predict(inMemory, 30);
        var actual = _ml.Predict(streamed, 30);
        for (int i = 0; i < 30; i++)
        {
            Assert.IsTrue(actual[i].IsRight());
            CollectionAssert.AreEqual(expected[i].Scores, actual[i].Scores);
        }
    }

    [TestMethod]
    public void A_bad_image_that_only_a_later_pass_meets_is_named_by_its_row()
    {
        var images = TinyImages.Floats(50);
        var reader = Reader(_ml.Keyed(images));
        var streamed = Stream(reader, Read(reader).ToArray(), heldImages: 15);
        images[31].Features[0] = float.NaN;

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => streamed.Read(1, CancellationToken.None).Count());

        Assert.StartsWith("The image in column 'Features' of row 31 cannot be used: ", exception.Message);
    }

    [TestMethod]
    public void Under_Skip_an_image_that_has_become_bad_is_left_out_with_a_warning()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings.Add(e.RawMessage);
        };
        var images = TinyImages.Floats(50);
        var reader = new ImageRowReader(_ml.Keyed(images), "Features", "Label", BadImagePolicy.Skip);
        var streamed = Stream(reader, Read(reader).ToArray(), heldImages: 15);
        images[31].Features[0] = float.NaN;

        Assert.HasCount(49, streamed.Read(1, CancellationToken.None).ToArray());
        Assert.ContainsSingle(
            w => w == "Left out 1 row whose image could be read before: row 31: it has values that are not finite (NaN or infinity).",
            warnings);
    }

    [TestMethod]
    public void Rows_that_share_an_id_cannot_be_streamed()
    {
        var reader = Reader(_ml.Keyed(TinyImages.Floats(3)));
        var rows = Read(reader).ToArray();
        rows[2] = rows[2] with { Id = rows[0].Id };

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Stream(reader, rows, 2));

        Assert.AreEqual(
            "Row 2 has the id of row 0, so images that do not fit in memory cannot be found again. Raise PixelMemoryMegabytes, or " +
            "remove the transform that repeats rows.", exception.Message);
    }

    private StreamedImages Stream(ImageRowReader reader, LabeledImage[] rows, long heldImages) => new(reader, rows, heldImages, new TrainingLog(_ml));

    private static IEnumerable<FloatImage> SortedByClass(int count) => TinyImages.Floats(count).OrderBy(image => image.Label);

    private static ImageRowReader Reader(IDataView data) => new(data, "Features", "Label", BadImagePolicy.Fail);

    private static IEnumerable<LabeledImage> Read(ImageRowReader reader) => reader.Read(new LeftOutRows(), CancellationToken.None);

    private sealed class Decoded
    {
        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public float[] Pixels { get; set; } = [];
    }
}
