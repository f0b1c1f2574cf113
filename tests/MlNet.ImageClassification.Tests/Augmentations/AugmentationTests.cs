using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class AugmentationTests
{
    private static readonly AugmentationOptions s_everything = new()
    {
        Brightness = 0.3, Contrast = 0.3, Saturation = 0.3, Hue = 0.1, RandAugmentOperations = 2, ErasingProbability = 0.5, CropPadding = 2,
    };

    private static readonly ImageLayout s_bytes = new(new ImageShape(3, 16, 16), Interleaved: false, IsBytes: true);

    [TestMethod]
    public void The_same_seed_gives_the_same_images_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        using var preprocessing = new Preprocessing(ChannelNormalization.ImageNet, CPU);
        var pixels = ColorTests.RandomPixels(12, 3, 16, 16).to_type(ScalarType.Byte);
        var augmentation = Augmentation.Of(s_everything, s_bytes, ChannelNormalization.ImageNet, preprocessing);

        var first = augmentation.Apply(pixels, new Random(1));

        CollectionAssert.AreEqual(ColorTests.Values(first), ColorTests.Values(augmentation.Apply(pixels, new Random(1))));
        CollectionAssert.AreNotEqual(ColorTests.Values(first), ColorTests.Values(augmentation.Apply(pixels, new Random(2))));
        Assert.IsTrue(first.isfinite().all().item<bool>());
    }

    [TestMethod]
    public void Without_options_pixels_are_normalized_only()
    {
        using var scope = NewDisposeScope();
        using var preprocessing = new Preprocessing(ChannelNormalization.ImageNet, CPU);
        var pixels = ColorTests.RandomPixels(4, 3, 16, 16).to_type(ScalarType.Byte);
        var augmentation = Augmentation.Of(AugmentationOptions.None, s_bytes, ChannelNormalization.ImageNet, preprocessing);

        ColorTests.AssertClose(preprocessing.Apply(pixels), augmentation.Apply(pixels, new Random(1)), 0);
    }

    [TestMethod]
    public void Colors_change_before_the_normalization()
    {
        using var scope = NewDisposeScope();
        // Black stays black in any brightness: normalized by mean 100 and deviation 50 it is -2.
        var normalization = new ChannelNormalization([100f, 100f, 100f], [50f, 50f, 50f]);
        using var preprocessing = new Preprocessing(normalization, CPU);
        var options = AugmentationOptions.None with { Brightness = 0.5 };

        var images = Augmentation.Of(options, s_bytes, normalization, preprocessing)
            .Apply(zeros([5, 3, 16, 16], dtype: ScalarType.Byte), new Random(1));

        Assert.IsTrue(images.eq(-2).all().item<bool>());
    }

    [TestMethod]
    public void Colors_of_floats_of_unknown_range_and_of_two_channels_are_refused_by_Fit()
    {
        var ml = new MLContext();
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Augmentation = new AugmentationOptions { Hue = 0.1 } };

        var unknown = Assert.ThrowsExactly<InvalidOperationException>(
            () => new TinyTrainer(options).Fit(ml.Keyed(TinyImages.Floats(30))));
        Assert.StartsWith("Hue is 0.1, but nothing tells which floats are black and white; colors can be changed of pixels of 0 to 255.", unknown.Message);

        var layout = s_bytes with { Shape = new ImageShape(2, 16, 16) };
        using var preprocessing = new Preprocessing(ChannelNormalization.None, CPU);
        var channels = Assert.ThrowsExactly<InvalidOperationException>(
            () => Augmentation.Of(options.Recipe.Augmentation, layout, ChannelNormalization.None, preprocessing));
        Assert.StartsWith("Hue is 0.1, but the images have 2 channels; colors can be changed with 1 or 3.", channels.Message);
    }

    [TestMethod]
    [CpuCondition]
    public void A_training_with_all_augmentations_learns_repeats_and_leaves_no_tensor()
    {
        var ml = new MLContext(seed: 1);
        var images = Enumerable.Range(0, 90).Select(i => new ByteImage { Label = (uint)(i % 3), Features = TinyImages.Image(i) }).ToArray();
        var options = TinyImages.Options();
        (options.Epoch, options.ValidationSetFraction) = (8, 0.2);
        options.Recipe = options.Recipe with
        {
            Augmentation = s_everything with
            {
                CropPadding = 1, Hue = 0.02, RandAugmentOperations = 1, RandAugmentMagnitude = 3, ErasingProbability = 0.25,
                MixupAlpha = 0.2, CutMixAlpha = 1,
            },
        };
        long before = LiveTensors.Count();

        var reports = new List<TrainingReport>();
        for (int i = 0; i < 2; i++)
        {
            using var model = new TinyTrainer(options).Fit(ml.Data.LoadFromEnumerable(images));
            reports.Add(model.Report!);
        }

        CollectionAssert.AreEqual(reports[0].Epochs.Select(epoch => epoch.Loss).ToArray(), reports[1].Epochs.Select(epoch => epoch.Loss).ToArray());
        Assert.IsGreaterThan(0.8, reports[0].Epochs.Max(epoch => epoch.ValidationAccuracy!.Value));
        LiveTensors.AssertNoneLeft(before, networks: 2, parametersOfNetwork: 5);
    }

    private sealed class ByteImage
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public byte[] Features { get; set; } = [];
    }
}
