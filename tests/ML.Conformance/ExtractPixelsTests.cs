using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace ML.Conformance;

[TestClass]
public sealed class ExtractPixelsTests
{
    // One row of two pixels: red, green, blue and alpha of the first are 1, 2, 3, 4, of the second 5, 6, 7, 8.
    private static readonly byte[] s_rgba = [1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] s_bgra = [3, 2, 1, 4, 7, 6, 5, 8];

    private readonly MLContext _mlContext = new();

    private sealed class PairRow
    {
        [ImageType(height: 1, width: 2)]
        public MLImage? Image { get; set; }
    }

    private sealed class SceneRow
    {
        [ImageType(TestImages.Height, TestImages.Width)]
        public MLImage? Image { get; set; }
    }

    private sealed class UnsizedRow
    {
        [ImageType]
        public MLImage? Image { get; set; }
    }

    [TestMethod]
    public void Planes_of_red_green_and_blue_are_the_default()
    {
        var pixels = Extract<float>(_mlContext.Transforms.ExtractPixels("Pixels", "Image"), out var type);

        CollectionAssert.AreEqual(new float[] { 1, 5, 2, 6, 3, 7 }, pixels);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3, 1, 2), type);
        CollectionAssert.AreEqual(new[] { 3, 1, 2 }, type.Dimensions.ToArray());
    }

    [TestMethod]
    public void Interleaved_pixels_have_their_channels_last()
    {
        var pixels = Extract<float>(
            _mlContext.Transforms.ExtractPixels("Pixels", "Image", interleavePixelColors: true), out var type);

        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 5, 6, 7 }, pixels);
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, type.Dimensions.ToArray());
    }

    [TestMethod]
    public void Bytes_are_taken_as_they_are_whatever_the_offset_and_scale()
    {
        var pixels = Extract<byte>(
            _mlContext.Transforms.ExtractPixels(
                "Pixels", "Image", offsetImage: 1, scaleImage: 0, outputAsFloatArray: false),
            out var type);

        CollectionAssert.AreEqual(new byte[] { 1, 5, 2, 6, 3, 7 }, pixels);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Byte, 3, 1, 2), type);
    }

    [TestMethod]
    public void Interleaved_bytes_follow_the_pixels()
    {
        var pixels = Extract<byte>(
            _mlContext.Transforms.ExtractPixels(
                "Pixels", "Image", interleavePixelColors: true, outputAsFloatArray: false),
            out _);

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 5, 6, 7 }, pixels);
    }

    [TestMethod]
    [DataRow(false, new[] { -1f, 1, -0.5f, 1.5f, 0, 2 })]
    [DataRow(true, new[] { -1f, -0.5f, 0, 1, 1.5f, 2 })]
    public void The_offset_is_subtracted_and_then_the_scale_multiplied(bool interleave, float[] expected)
    {
        var pixels = Extract<float>(
            _mlContext.Transforms.ExtractPixels(
                "Pixels", "Image", interleavePixelColors: interleave, offsetImage: 3, scaleImage: 0.5f),
            out _);

        CollectionAssert.AreEqual(expected, pixels);
    }

    [TestMethod]
    [DataRow(ColorsOrder.ARGB, new[] { 4f, 1, 2, 3 })]
    [DataRow(ColorsOrder.ARBG, new[] { 4f, 1, 3, 2 })]
    [DataRow(ColorsOrder.ABRG, new[] { 4f, 3, 1, 2 })]
    [DataRow(ColorsOrder.ABGR, new[] { 4f, 3, 2, 1 })]
    [DataRow(ColorsOrder.AGRB, new[] { 4f, 2, 1, 3 })]
    [DataRow(ColorsOrder.AGBR, new[] { 4f, 2, 3, 1 })]
    public void Channels_come_in_the_order_asked_for(ColorsOrder order, float[] firstPixel)
    {
        var all = Extract<float>(
            _mlContext.Transforms.ExtractPixels(
                "Pixels", "Image", ColorBits.All, order, interleavePixelColors: true),
            out _);
        var colors = Extract<float>(
            _mlContext.Transforms.ExtractPixels("Pixels", "Image", orderOfExtraction: order, interleavePixelColors: true),
            out _);

        CollectionAssert.AreEqual(firstPixel, all[..4]);
        CollectionAssert.AreEqual(firstPixel[1..], colors[..3]);
    }

    [TestMethod]
    [DataRow(ColorBits.Alpha, new[] { 4f, 8 })]
    [DataRow(ColorBits.Green, new[] { 2f, 6 })]
    [DataRow(ColorBits.Red | ColorBits.Blue, new[] { 1f, 5, 3, 7 })]
    public void Channels_may_be_left_out(ColorBits colors, float[] expected)
    {
        var pixels = Extract<float>(_mlContext.Transforms.ExtractPixels("Pixels", "Image", colors), out var type);

        CollectionAssert.AreEqual(expected, pixels);
        Assert.AreEqual(expected.Length / 2, type.Dimensions[0]);
    }

    // 117 pixels: more than one vector register, and some left over.
    [TestMethod]
    public void Every_pixel_of_an_image_is_extracted()
    {
        var expected = TestImages.PixelsByPil("color.png");
        var data = _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 2).Select(_ => new SceneRow { Image = MLImage.CreateFromFile(TestImages.PathOf("color.png")) }));
        var transforms = _mlContext.Transforms.ExtractPixels("Floats", "Image", offsetImage: 1, scaleImage: 2)
            .Append(_mlContext.Transforms.ExtractPixels("Bytes", "Image", outputAsFloatArray: false));

        var extracted = transforms.Fit(data).Transform(data);

        foreach (var bytes in ImageRows.ReadVectors<byte>(extracted, "Bytes"))
            for (var i = 0; i < bytes.Length; i++)
                Assert.AreEqual(expected[i % (bytes.Length / 3) * 4 + i / (bytes.Length / 3)], bytes[i], $"value {i}");
        foreach (var floats in ImageRows.ReadVectors<float>(extracted, "Floats"))
            for (var i = 0; i < floats.Length; i++)
                Assert.AreEqual((expected[i % (floats.Length / 3) * 4 + i / (floats.Length / 3)] - 1) * 2f, floats[i], $"value {i}");
    }

    [TestMethod]
    public void A_row_without_an_image_is_all_zero()
    {
        var data = _mlContext.Data.LoadFromEnumerable([new PairRow()]);

        var rows = ImageRows.ReadVectors<float>(
            _mlContext.Transforms.ExtractPixels("Pixels", "Image").Fit(data).Transform(data), "Pixels");

        CollectionAssert.AreEqual(new float[6], rows[0]);
    }

    [TestMethod]
    public void Images_of_unknown_size_are_refused()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg");
        var pipeline = _mlContext.Transforms.LoadImages("Image", "", "Path")
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image"));

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(data));

        StringAssert.StartsWith(
            exception.Message,
            "Schema mismatch for input column 'Image': expected known-size image, got unknown-size image");
    }

    [TestMethod]
    public void Only_image_columns_have_pixels()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg");

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Transforms.ExtractPixels("Pixels", "Path").Fit(data));

        StringAssert.StartsWith(exception.Message, "Schema mismatch for input column 'Path': expected image, got String");
    }

    [TestMethod]
    public void A_chain_of_estimators_refuses_the_column_before_there_is_data()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg");
        var pipeline = _mlContext.Transforms.ExtractPixels("Pixels", "Path")
            .Append(_mlContext.Transforms.ResizeImages("Pixels", 2, 2));

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(data));

        StringAssert.StartsWith(exception.Message, "Schema mismatch for input column 'Path': expected Image, got String");
    }

    [TestMethod]
    public void An_image_that_is_not_of_the_size_its_column_promises_fails_its_row()
    {
        var data = _mlContext.Data.LoadFromEnumerable([new PairRow { Image = TestImages.Draw(3, 1, (_, _) => (1, 2, 3)) }]);
        var pixels = _mlContext.Transforms.ExtractPixels("Pixels", "Image").Fit(data).Transform(data);

        Assert.ThrowsExactly<InvalidOperationException>(() => ImageRows.ReadVectors<float>(pixels, "Pixels"));
    }

    [TestMethod]
    public void Options_that_make_no_sense_are_refused()
    {
        var transforms = _mlContext.Transforms;

        var colors = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => transforms.ExtractPixels("Pixels", "Image", colorsToExtract: 0));
        var scale = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => transforms.ExtractPixels("Pixels", "Image", scaleImage: 0));
        var offset = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => transforms.ExtractPixels("Pixels", "Image", offsetImage: float.NaN));

        StringAssert.StartsWith(colors.Message, "Need to use at least one color plane");
        Assert.AreEqual("scaleImage", scale.ParamName);
        Assert.AreEqual("offsetImage", offset.ParamName);
    }

    [TestMethod]
    public void The_image_attribute_needs_a_size()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _mlContext.Data.LoadFromEnumerable([new UnsizedRow()]));
    }

    [TestMethod]
    public void Pixels_of_either_byte_order_are_the_same()
    {
        var estimator = _mlContext.Transforms.ExtractPixels("Pixels", "Image", ColorBits.All);

        CollectionAssert.AreEqual(
            Extract<float>(estimator, MLPixelFormat.Rgba32, s_rgba), Extract<float>(estimator, MLPixelFormat.Bgra32, s_bgra));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_saved_model_extracts_alike(bool asFloats)
    {
        var data = Data(MLPixelFormat.Rgba32, s_rgba);
        var model = _mlContext.Transforms.ExtractPixels(
            "Pixels", "Image", ColorBits.Alpha | ColorBits.Blue, ColorsOrder.ABGR, interleavePixelColors: true,
            offsetImage: 3, scaleImage: 0.25f, outputAsFloatArray: asFloats).Fit(data);
        using var stream = new MemoryStream();

        _mlContext.Model.Save(model, null, stream);
        var loaded = new MLContext().Model.Load(stream, out _).Transform(data);

        var expected = model.Transform(data);
        Assert.AreEqual(expected.Schema["Pixels"].Type, loaded.Schema["Pixels"].Type);
        if (asFloats)
            CollectionAssert.AreEqual(new[] { 0.25f, 0, 1.25f, 1 }, ImageRows.ReadVectors<float>(loaded, "Pixels")[0]);
        else
            CollectionAssert.AreEqual(new byte[] { 4, 3, 8, 7 }, ImageRows.ReadVectors<byte>(loaded, "Pixels")[0]);
    }

    private T[] Extract<T>(ImagePixelExtractingEstimator estimator, out VectorDataViewType type)
    {
        var data = Data(MLPixelFormat.Rgba32, s_rgba);
        type = (VectorDataViewType)estimator.Fit(data).Transform(data).Schema["Pixels"].Type;
        return Extract<T>(estimator, MLPixelFormat.Rgba32, s_rgba);
    }

    private T[] Extract<T>(ImagePixelExtractingEstimator estimator, MLPixelFormat format, byte[] pixels)
    {
        var data = Data(format, pixels);
        return ImageRows.ReadVectors<T>(estimator.Fit(data).Transform(data), "Pixels")[0];
    }

    private IDataView Data(MLPixelFormat format, byte[] pixels) =>
        _mlContext.Data.LoadFromEnumerable([new PairRow { Image = MLImage.CreateFromPixels(2, 1, format, pixels) }]);
}
