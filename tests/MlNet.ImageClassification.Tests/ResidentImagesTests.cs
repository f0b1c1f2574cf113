using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Images that are on the device altogether, here the CPU: nothing but the place of the work is another.</summary>
[TestClass]
public sealed class ResidentImagesTests
{
    private const int Count = 23;

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Pixels as bytes (0), as codes of floats of few values, and as floats of too many, by channel and by pixel.</summary>
    [TestMethod]
    [DataRow(false, 0, 24)]
    [DataRow(true, 0, 24)]
    [DataRow(false, 5, 24)]
    [DataRow(true, 5, 24)]
    [DataRow(false, 1 << 20, 96)]
    [DataRow(true, 1 << 20, 96)]
    public void The_batches_are_those_that_the_host_fills(bool interleaved, int values, int packedBytes)
    {
        var images = Images(interleaved, values);
        Assert.AreEqual(packedBytes, images.Images[^1].Pixels.Length);
        var weights = new ImageWeights([1, 0.5, 2]);
        foreach (var shard in new[] { Shard.Whole, new Shard(1, 3) })
        {
            using var filled = new DataLoader(images, 4, CPU, weights, shard);
            using var resident = new DataLoader(images, 4, CPU, weights, shard, resident: true);
            Assert.AreEqual(filled.BatchCount, resident.BatchCount);
            foreach (var (seed, skip) in new (int?, int)[] { (null, 0), (7, 0), (8, 2), (7, 6) })
                CollectionAssert.AreEqual(Batches(filled, seed, skip), Batches(resident, seed, skip), $"seed {seed}, skip {skip}");
        }
    }

    [TestMethod]
    public void A_training_gives_the_same_bits()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Augmentation = new AugmentationOptions { CropPadding = 1, MixupAlpha = 0.2, ErasingProbability = 0.3 } };
        options.ExampleWeightColumnName = nameof(WeightedRow.Weight);
        options.ValidationSetFraction = 0.2;
        var rows = _ml.Data.LoadFromEnumerable(TinyImages.Floats(90).Select((image, i) =>
            new WeightedRow { Label = image.Label, Features = image.Features, Weight = i % 4 / 2f }));

        using var filled = new TinyTrainer(options).Fit(rows);
        options.ResidentImages = true;
        using var resident = new TinyTrainer(options).Fit(rows);

        CollectionAssert.AreEqual(
            filled.Report!.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss)).ToArray(),
            resident.Report!.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss)).ToArray());
        var expected = filled.Weights.ToDictionary();
        foreach (var (name, bytes) in resident.Weights.ToDictionary())
            CollectionAssert.AreEqual(expected[name], bytes, name);
    }

    [TestMethod]
    public void A_canceled_pass_ends()
    {
        using var loader = new DataLoader(Images(interleaved: false, values: 0), 4, CPU, resident: true);
        using var cancellation = new CancellationTokenSource();
        int batches = 0;

        Assert.ThrowsExactly<OperationCanceledException>(() =>
        {
            foreach (var batch in loader.Pass(1, cancellation.Token))
                if (++batches == 2)
                    cancellation.Cancel();
        });

        Assert.AreEqual(2, batches);
    }

    [TestMethod]
    public void Images_in_memory_go_to_a_device_where_they_take_a_quarter_of_what_is_free()
    {
        var bytes = Images(interleaved: false, values: 0);
        Assert.IsTrue(ResidentImages.Fit(bytes, 4 * 24 * Count));
        Assert.IsFalse(ResidentImages.Fit(bytes, 4 * 24 * Count - 1));
        var floats = Images(interleaved: false, values: 1 << 20);
        Assert.IsTrue(ResidentImages.Fit(floats, 4 * 96 * Count));
        Assert.IsFalse(ResidentImages.Fit(floats, 4 * 96 * Count - 1));

        var reader = new ImageRowReader(_ml.Keyed(TinyImages.Floats(9)), "Features", "Label", BadImagePolicy.Fail);
        LabeledImage[] rows = [.. reader.Read(new LeftOutRows(), CancellationToken.None)];
        Assert.IsFalse(ResidentImages.Fit(new StreamedImages(reader, rows, 3, new TrainingLog(_ml)), long.MaxValue));
    }

    // Device 0 has 1000 of 5000 bytes free in its own context, device 1 has no context, and there is no third.
    private const string Driver = """
        #include <stddef.h>
        static int initialized, held;
        static void *current;
        int cuInit(unsigned flags) { initialized = 1; return flags != 0; }
        int cuDeviceGet(int *device, int index) { *device = index + 40; return !initialized ? 3 : index < 2 ? 0 : 101; }
        int cuDevicePrimaryCtxRetain(void **context, int device) { *context = (void *)7; held++; return device != 40; }
        int cuCtxPushCurrent_v2(void *context) { current = context; return 0; }
        int cuMemGetInfo_v2(size_t *free, size_t *total) { *free = 1000; *total = 5000; return current != (void *)7 || held != 1; }
        int cuCtxPopCurrent_v2(void **context) { *context = current; current = 0; return 0; }
        int cuDevicePrimaryCtxRelease_v2(int device) { held--; return device != 40; }
        """;

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void The_driver_tells_what_is_free()
    {
        using var folder = new TempFolder();
        string driver = CompiledDriver.In(folder, Driver);

        Assert.AreEqual(1000, CudaDevice.FreeMemory(0, driver));
        Assert.AreEqual(1000, CudaDevice.FreeMemory(0, driver), "The context was not given back.");
        Assert.AreEqual(0, CudaDevice.FreeMemory(1, driver));
        Assert.AreEqual(0, CudaDevice.FreeMemory(2, driver));
        Assert.AreEqual(0, CudaDevice.FreeMemory(0, folder.At("libnothing.so")));
    }

    private static ImageCache Images(bool interleaved, int values)
    {
        var layout = new ImageLayout(new ImageShape(2, 3, 4), interleaved, IsBytes: values == 0);
        var random = new Random(1);
        var codec = new PixelCodec(layout);
        return new ImageCache(layout, codec, [.. Enumerable.Range(0, Count).Select(i =>
        {
            var pixels = new byte[layout.Bytes];
            if (layout.IsBytes)
                random.NextBytes(pixels);
            else
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(pixels.AsSpan()))
                    value = random.Next(values) / 7f;
            return new LabeledImage(codec.Pack(pixels), i % 3, default, i, 0, Weight: i);
        })]);
    }

    // All that a step can see of a batch.
    private static string[] Batches(DataLoader loader, int? seed, int skip)
    {
        var seen = new List<string>();
        foreach (var batch in loader.Pass(seed, CancellationToken.None, skip))
        {
            using var scope = NewDisposeScope();
            var (images, labels) = batch.To(CPU);
            byte[] pixels = images.contiguous().bytes.ToArray();
            seen.Add(FormattableString.Invariant(
                $"{batch.Count} of {batch.StepCount}: {images.dtype} {Text(images.shape)} {Text(images.stride())} {Convert.ToHexString(pixels)}; {labels.dtype} {Text(labels.data<long>().ToArray())}; {Convert.ToHexString(batch.WeightsTo(CPU)!.bytes)}"));
            batch.Release();
        }
        return [.. seen];
    }

    private static string Text(long[] values) => string.Join(' ', values);

    private sealed class WeightedRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; }
    }
}
