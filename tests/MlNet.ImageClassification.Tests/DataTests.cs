using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>The parts of the data feed, each by itself.</summary>
[TestClass]
public sealed class DataTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Normalized_bytes_are_kept_as_bytes_and_come_back_exactly()
    {
        var images = TinyImages.Floats(20);
        var reader = Reader(images);
        int i = 0;
        foreach (var image in Read(reader))
        {
            Assert.HasCount(TinyImages.Size, image.Pixels);
            CollectionAssert.AreEqual(images[i++].Features, Unpack(reader, image));
        }
        Assert.AreEqual(20, i);
    }

    [TestMethod]
    public void Values_that_do_not_fit_in_bytes_are_kept_as_floats()
    {
        var images = TinyImages.Floats(3);
        var random = new Random(1);
        images[1].Features = Enumerable.Range(0, TinyImages.Size).Select(i => i < 64 ? random.NextSingle() : 0.25f).ToArray();
        // 64 values fit; five such images do not.
        var many = Enumerable.Range(0, 5).Select(i => new FloatImage
        {
            Features = Enumerable.Range(0, TinyImages.Size).Select(_ => random.NextSingle()).ToArray(),
        });
        var all = images.Concat(many).ToArray();
        var reader = Reader(all);

        var read = Read(reader).ToArray();

        Assert.HasCount(4 * TinyImages.Size, read[^1].Pixels);
        for (int i = 0; i < all.Length; i++)
            CollectionAssert.AreEqual(all[i].Features, Unpack(reader, read[i]));
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Rgba32)]
    [DataRow(MLPixelFormat.Bgra32)]
    public void An_image_is_read_as_ExtractPixels_reads_it(MLPixelFormat format)
    {
        byte[] pixels = [1, 2, 3, 255, 4, 5, 6, 255];
        using var image = MLImage.CreateFromPixels(2, 1, format, pixels);
        var data = _ml.Data.LoadFromEnumerable([new PictureRow { Picture = image }]);
        var extracted = _ml.Transforms.ExtractPixels("Features", "Picture", interleavePixelColors: true).Fit(data).Transform(data);

        var read = Read(new ImageRowReader(data, "Picture", "Label", BadImagePolicy.Fail)).Single();

        byte[] redFirst = format == MLPixelFormat.Rgba32 ? [1, 2, 3, 4, 5, 6] : [3, 2, 1, 6, 5, 4];
        CollectionAssert.AreEqual(redFirst, read.Pixels);
        CollectionAssert.AreEqual(Array.ConvertAll(redFirst, value => (float)value), extracted.GetColumn<float[]>("Features").Single());
    }

    [TestMethod]
    public void Parallel_cursors_give_the_rows_in_order()
    {
        // MapValueToKey computes per row, so its rows are dealt out to several cursors.
        var rows = TinyImages.Floats(1000).Select(i => new NamedImage { Label = TinyImages.Label((int)i.Id), Features = i.Features });
        var data = _ml.Data.LoadFromEnumerable(rows.ToArray());
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var reader = new ImageRowReader(keyed, "Features", "Label", BadImagePolicy.Fail);

        var labels = Read(reader).Select(image => image.Label).ToArray();

        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).Select(i => i % 3).ToArray(), labels);
    }

    [TestMethod]
    public void A_pass_that_is_left_early_stops_its_threads()
    {
        var reader = Reader(TinyImages.Floats(1000));
        Assert.HasCount(3, Read(reader).Take(3).ToArray());
    }

    [TestMethod]
    public void Images_beyond_the_memory_budget_are_trained_on_all_the_same()
    {
        // 4,800 packed images of 192 bytes and 64 of bookkeeping are more than 1 MiB.
        var options = TinyImages.Options();
        options.Epoch = 1;
        options.PixelMemoryMegabytes = 1;
        options.ValidationSetFraction = 0.1;

        using var model = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(4800)));

        Assert.AreEqual(4320, model.Report!.TrainingImages);
        Assert.AreEqual(480, model.Report.ValidationImages);
        Assert.AreEqual(1.0, model.Report.Epochs[0].ValidationAccuracy!.Value, 0.01);
    }

    [TestMethod]
    public void A_batch_holds_the_images_by_channel_whatever_their_layout()
    {
        var layout = new ImageLayout(new ImageShape(2, 1, 2), Interleaved: true, IsBytes: true);
        using var batch = new HostBatch(layout, capacity: 3, pinned: false);
        batch.Add(new LabeledImage([1, 2, 3, 4], 5, default, 0, 0), new PixelCodec(layout));
        using var scope = torch.NewDisposeScope();

        var (images, labels) = batch.To(torch.CPU);

        CollectionAssert.AreEqual(new long[] { 1, 2, 1, 2 }, images.shape);
        // Bytes stay bytes until they are on the device.
        CollectionAssert.AreEqual(new byte[] { 1, 3, 2, 4 }, images.contiguous().data<byte>().ToArray());
        CollectionAssert.AreEqual(new long[] { 5 }, labels.data<long>().ToArray());
    }

    [TestMethod]
    public void A_failure_of_the_feed_reaches_the_caller()
    {
        var images = TinyImages.Floats(100);
        images[77].Features[0] = float.NaN;
        var rows = Read(Reader(TinyImages.Floats(100))).ToArray();
        using var feed = new DataLoader(new StreamedImages(Reader(images), rows, 50, new TrainingLog(_ml)), 16, torch.CPU);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            foreach (var batch in feed.Pass(null, CancellationToken.None))
                batch.Release();
        });

        Assert.Contains("of row 77 cannot be used", exception.Message);
    }

    [TestMethod]
    [Timeout(60_000)]
    public void A_pass_over_images_that_can_no_longer_be_read_ends_after_the_others()
    {
        var images = TinyImages.Floats(100);
        foreach (var image in images[12..])
            image.Features[0] = float.NaN;
        var rows = Read(Reader(TinyImages.Floats(100))).ToArray();
        using var feed = new DataLoader(
            new StreamedImages(Reader(images, BadImagePolicy.Skip), rows, 50, new TrainingLog(_ml)), 10, torch.CPU);

        // As a training does, which hands a batch back when it has begun the next.
        var counts = new List<int>();
        LabeledBatch? previous = null;
        foreach (var batch in feed.Pass(null, CancellationToken.None))
        {
            counts.Add(batch.Count);
            previous?.Release();
            previous = batch;
        }

        CollectionAssert.AreEqual(new[] { 10, 2 }, counts);
    }

    [TestMethod]
    public void Scaled_gradients_come_back_unscaled_and_an_overflow_leaves_the_step_out()
    {
        using var scope = torch.NewDisposeScope();
        var weight = torch.nn.Parameter(torch.full([2], 3f));
        var scaler = new LossScaler(active: true);

        scaler.Scale((weight * weight).sum()).backward();
        Assert.AreEqual(6f * 65536, weight.grad!.data<float>()[0]);
        Assert.IsTrue(scaler.TryUnscale([weight]));
        CollectionAssert.AreEqual(new[] { 6f, 6f }, weight.grad!.data<float>().ToArray());

        weight.grad!.mul_(float.PositiveInfinity);
        Assert.IsFalse(scaler.TryUnscale([weight]));
        Assert.AreEqual(32768, scaler.Factor);
    }

    [TestMethod]
    public void Augmentation_moves_and_mirrors_each_image_by_itself()
    {
        using var scope = torch.NewDisposeScope();
        // Each pixel of a 4 x 4 image is its own number, so a window of the padded image can be told apart.
        var image = torch.arange(1, 17, dtype: torch.ScalarType.Float32).view(1, 1, 4, 4);
        var images = image.expand(64, 1, 4, 4).contiguous();

        var augmented = new CropAndFlip(padding: 1, flip: true).Apply(images, new Random(1)).data<float>().ToArray();

        var windows = Windows();
        var seen = new HashSet<int>();
        foreach (var pixels in augmented.Chunk(16))
        {
            int window = windows.FindIndex(w => w.SequenceEqual(pixels));
            Assert.AreNotEqual(-1, window, string.Join(' ', pixels));
            seen.Add(window);
        }
        // 18 windows, 64 draws: with this seed nearly all come up.
        Assert.IsGreaterThan(14, seen.Count);

        static List<float[]> Windows()
        {
            var all = new List<float[]>();
            for (int top = -1; top <= 1; top++)
                for (int left = -1; left <= 1; left++)
                    foreach (bool mirror in new[] { false, true })
                        all.Add([.. from y in Enumerable.Range(0, 4)
                                    from x in Enumerable.Range(0, 4)
                                    let row = y + top
                                    let column = (mirror ? 3 - x : x) + left
                                    select row is >= 0 and < 4 && column is >= 0 and < 4 ? 4 * row + column + 1f : 0f]);
            return all;
        }
    }

    [TestMethod]
    public void Resized_windows_lie_within_the_image_and_have_the_area_and_the_sides_they_may()
    {
        using var scope = torch.NewDisposeScope();
        // Two channels that tell the place: the column and the row of each pixel. Bilinear interpolation keeps them linear.
        const int side = 32;
        var place = torch.arange(side, dtype: torch.ScalarType.Float32);
        var image = torch.stack([place.expand(side, side), place.view(side, 1).expand(side, side)]);
        var images = image.expand(200, 2, side, side).contiguous();

        var windows = new CropAndFlip(padding: 4, flip: true, minimumArea: 0.25).Apply(images, new Random(1));

        CollectionAssert.AreEqual(images.shape, windows.shape);
        int mirrored = 0;
        var areas = new List<double>();
        for (int i = 0; i < 200; i++)
        {
            // The step from pixel to pixel in the middle, where no border cuts it off, is the share of the side.
            double wide = windows[i, 0, 16, 17].item<float>() - windows[i, 0, 16, 16].item<float>();
            double high = windows[i, 1, 17, 16].item<float>() - windows[i, 1, 16, 16].item<float>();
            mirrored += wide < 0 ? 1 : 0;
            areas.Add(Math.Abs(wide) * high);
            Assert.IsTrue(Math.Abs(wide) / high is > 0.7499 and < 1.3334, $"{wide} x {high}");
        }
        Assert.IsTrue(areas.Min() is > 0.2499 and < 0.3, $"{areas.Min()}");
        Assert.IsTrue(areas.Max() is > 0.9 and < 1.0001, $"{areas.Max()}");
        Assert.IsTrue(mirrored is > 60 and < 140, $"{mirrored} of 200");
        Assert.IsTrue(windows.min().item<float>() >= 0 && windows.max().item<float>() <= side - 1);
    }

    [TestMethod]
    public void Without_crop_and_flip_images_stay_as_they_are()
    {
        using var images = torch.ones([2, 3, 4, 4]);
        Assert.AreSame(images, new CropAndFlip(padding: 0, flip: false).Apply(images, new Random(1)));
    }

    private ImageRowReader Reader(FloatImage[] images, BadImagePolicy badImages = BadImagePolicy.Fail) =>
        new(_ml.Keyed(images), "Features", "Label", badImages);

    private static IEnumerable<LabeledImage> Read(ImageRowReader reader) =>
        reader.Read(new LeftOutRows(), CancellationToken.None);

    private static float[] Unpack(ImageRowReader reader, LabeledImage image)
    {
        var pixels = new float[TinyImages.Size];
        reader.Codec.Unpack(image.Pixels, System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()));
        return pixels;
    }

    private sealed class NamedImage
    {
        public string Label { get; set; } = "";

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = [];
    }

    private sealed class PictureRow
    {
        [KeyType(2)]
        public uint Label { get; set; }

        [Microsoft.ML.Transforms.Image.ImageType(1, 2)]
        public MLImage Picture { get; set; } = null!;
    }
}
