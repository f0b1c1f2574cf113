using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class NormalizeChannelsTests
{
    private static readonly float[] s_mean = [10, 20, 30];
    private static readonly float[] s_std = [2, 4, 5];

    private readonly MLContext _ml = new();

    [TestMethod]
    public void Planar_values_are_normalized_by_plane()
    {
        // Two pixels per channel: (12-10)/2, (10-10)/2, (24-20)/4, (16-20)/4, (30-30)/5, (35-30)/5.
        var data = _ml.Data.LoadFromEnumerable(new[] { new Planar { Pixels = [12, 10, 24, 16, 30, 35] } });
        var result = _ml.Transforms.NormalizeChannels("Features", "Pixels", s_mean, s_std).Fit(data).Transform(data);

        Assert.AreEqual("Vector<Single, 3, 1, 2>", result.Schema["Features"].Type.ToString());
        CollectionAssert.AreEqual(new float[] { 1, 0, 1, -1, 0, 1 }, result.GetColumn<float[]>("Features").Single(), new Near());
    }

    [TestMethod]
    public void Interleaved_bytes_are_normalized_by_pixel()
    {
        // One row of five pixels; the dimensions say which side the channels are on.
        var data = _ml.Data.LoadFromEnumerable(new[]
        {
            new Interleaved { Pixels = [12, 24, 30, 10, 16, 35, 14, 20, 25, 8, 28, 40, 10, 20, 30] },
        });
        var result = _ml.Transforms.NormalizeChannels("Pixels", null, s_mean, s_std).Fit(data).Transform(data);

        Assert.AreEqual("Vector<Single, 5, 1, 3>", result.Schema["Pixels"].Type.ToString());
        CollectionAssert.AreEqual(
            new float[] { 1, 1, 0, 0, -1, 1, 2, 0, -1, -1, 2, 2, 0, 0, 0 }, result.GetColumn<float[]>("Pixels").Single(), new Near());
    }

    [TestMethod]
    public void A_prediction_engine_normalizes_too()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new Planar() });
        var transformer = _ml.Transforms.NormalizeChannels("Features", "Pixels", s_mean, s_std).Fit(data);
        using var engine = _ml.Model.CreatePredictionEngine<Planar, Normalized>(transformer);

        CollectionAssert.AreEqual(
            new float[] { 1, 0, 1, -1, 0, 1 }, engine.Predict(new Planar { Pixels = [12, 10, 24, 16, 30, 35] }).Features, new Near());
    }

    [TestMethod]
    public void The_presets_are_in_units_of_pixel_values()
    {
        // torchvision's figures for pixels in [0, 1], times 255.
        CollectionAssert.AreEqual(
            new[] { 0.485f * 255, 0.456f * 255, 0.406f * 255 }, ChannelNormalization.ImageNet.Mean.ToArray(), new Near());
        CollectionAssert.AreEqual(
            new[] { 0.229f * 255, 0.224f * 255, 0.225f * 255 }, ChannelNormalization.ImageNet.Deviation.ToArray(), new Near());
        CollectionAssert.AreEqual(
            new[] { 0.4914f * 255, 0.4822f * 255, 0.4465f * 255 }, ChannelNormalization.Cifar10.Mean.ToArray(), new Near());
        CollectionAssert.AreEqual(new[] { 103.939f, 116.779f, 123.68f }, ChannelNormalization.Caffe.Mean.ToArray());
    }

    [TestMethod]
    public void Figures_that_cannot_be_are_refused()
    {
        Refused([1, 2], [1, 2, 3], "There are 2 means and 3 deviations; there must be one of each per channel, for 1 to 4 channels.");
        Refused([1, float.NaN], [1, 2], "The mean of channel 1 is NaN; it must be finite.");
        Refused([1, 2], [1, 0], "The deviation of channel 1 is 0; it must be finite and above 0.");

        void Refused(float[] mean, float[] std, string message) => Assert.StartsWith(
            message,
            Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.NormalizeChannels("Features", "Pixels", mean, std)).Message);
    }

    [TestMethod]
    public void Another_number_of_channels_is_refused()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new Planar() });
        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.Transforms.NormalizeChannels("Features", "Pixels", [1f], [1f]).Fit(data));
        Assert.AreEqual(
            "Column 'Pixels' is Vector<Single, 3, 1, 2> with 3 channels, but the normalization has 1.", exception.Message);
    }

    [TestMethod]
    public void A_column_that_holds_no_images_is_refused_in_the_same_words_by_a_pipeline_and_by_Fit()
    {
        Refused(
            new Normalized(),
            "Column 'Features' is Vector<Single>; expected dimensions [3, H, W] or [H, W, 3] (1 to 4 channels). " +
            "ExtractPixels gives them; for a property of your own class use [VectorType(3, H, W)].");
        Refused(
            new { Features = 1f },
            "Column 'Features' is Single; expected a vector of Single or Byte with the dimensions [channels, height, width] or " +
            "[height, width, channels], or an image.");

        void Refused<T>(T row, string message) where T : class
        {
            var data = _ml.Data.LoadFromEnumerable([row]);
            var estimator = _ml.Transforms.NormalizeChannels("Normalized", "Features", s_mean, s_std);
            Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => estimator.Fit(data)).Message);
            var pipeline = _ml.Transforms.CopyColumns("Copy", "Features").Append(estimator);
            Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => pipeline.Fit(data)).Message);
        }
    }

    [TestMethod]
    public void A_value_that_is_not_a_number_fails_by_row()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new Planar(), new Planar { Pixels = [1, 2, 3, 4, 5, float.NaN] } });
        var result = _ml.Transforms.NormalizeChannels("Features", "Pixels", s_mean, s_std).Fit(data).Transform(data);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => result.GetColumn<float[]>("Features").ToArray());
        Assert.AreEqual(
            "The image in column 'Pixels' of row 1 cannot be normalized: it has values that are not finite (NaN or infinity).",
            exception.Message);
    }

    private sealed class Near : System.Collections.IComparer
    {
        public int Compare(object? x, object? y) => Math.Abs((float)x! - (float)y!) <= 1e-3f ? 0 : 1;
    }

    private sealed class Planar
    {
        [VectorType(3, 1, 2)]
        public float[] Pixels { get; set; } = new float[6];
    }

    private sealed class Interleaved
    {
        [VectorType(5, 1, 3)]
        public byte[] Pixels { get; set; } = [];
    }

    private sealed class Normalized
    {
        public float[] Features { get; set; } = [];
    }
}
