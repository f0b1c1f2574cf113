using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNet.ImageClassification;
using MlNet.ShuffleNet;

namespace MlNet.Onnx.Tests;

/// <summary>ML.NET's own <c>ConvertToOnnx</c> on pipelines with our transformers.</summary>
[TestClass]
public sealed class ConvertToOnnxTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TempFolder _folder = new();

    private string File => _folder.At("model.onnx");

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("resnet18 v1.5 stem=cifar", 8)]
    [DataRow("resnet50 v1.5 stem=cifar-pool", 17)]
    [DataRow("shufflenetv1 g1 0.5x stem=cifar shuffle=paper", 8)]
    [DataRow("shufflenetv1 g2 1x stem=cifar shuffle=paper", 9)]
    [DataRow("shufflenetv1 g3 0.5x stem=strided shuffle=authors", 17)]
    [DataRow("shufflenetv1 g4 1x stem=imagenet shuffle=paper", 32)]
    [DataRow("shufflenetv1 g8 0.5x stem=cifar shuffle=paper", 8)]
    public void A_classifier_converts_and_ONNX_Runtime_and_ML_NET_give_its_scores(string architecture, int side)
    {
        var layout = Models.Planar(side);
        using var model = Models.Create(architecture, layout);
        var pixels = Models.Pixels(layout, 5);
        var rows = _ml.Rows(layout, pixels);

        Convert(model, rows, "Score", "PredictedLabel");

        var (expected, keys) = (model.Scores(rows), model.Keys(rows));
        using var session = new Session(File);
        var (scores, labels) = session.Run<float, uint>("Features", pixels, "Score.output", "PredictedLabel.output");
        Models.AssertAgree(expected, scores);
        CollectionAssert.AreEqual(keys, labels);
        Models.AssertAgree(expected[..3], session.Run<float, uint>("Features", pixels[..layout.Size], "Score.output", "PredictedLabel.output").Scores);
        var applied = _ml.Transforms.ApplyOnnxModel(["Score.output"], ["Features"], File).Fit(rows).Transform(rows);
        Models.AssertAgree(expected, [.. applied.GetColumn<float[]>("Score").SelectMany(row => row)]);
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void Every_layout_converts_with_the_normalizations_of_the_pipeline_and_of_the_model(bool interleaved, bool isBytes)
    {
        var layout = interleaved ? Models.Interleaved(8, isBytes) : Models.Planar(8, isBytes);
        using var ofBytes = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", layout, Models.Normalization(isBytes));
        using var ofFloats = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", layout with { IsBytes = false });
        var pixels = Models.Pixels(layout, 3);
        var rows = _ml.Rows(layout, pixels, "Pixels");

        foreach (var model in new[]
        {
            Chain(_ml.Transforms.CopyColumns("Features", "Pixels"), rows, ofBytes),
            Chain(_ml.Transforms.NormalizeChannels("Features", "Pixels", Models.Normalization(isBytes)), rows, ofFloats),
        })
        {
            Convert(model, rows, "Score", "PredictedLabel");
            using var session = new Session(File);
            var scores = isBytes
                ? session.Run<byte, uint>("Pixels", Models.Bytes(pixels), "Score.output", "PredictedLabel.output").Scores
                : session.Run<float, uint>("Pixels", pixels, "Score.output", "PredictedLabel.output").Scores;
            Models.AssertAgree(model.Scores(rows), scores);
        }
    }

    [TestMethod]
    public void A_trained_pipeline_converts_with_its_keys_and_names()
    {
        var layout = Models.Planar(8);
        var pixels = Models.Pixels(layout, 6);
        var rows = _ml.Rows(layout, pixels, "Pixels");
        using var model = _ml.Transforms.NormalizeChannels("Features", "Pixels", new ChannelNormalization([0, 0, 0], [0.5f, 0.5f, 0.5f]))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Append(_ml.MulticlassClassification.Trainers.ShuffleNetV1(new ShuffleNetOptions
            {
                Groups = 3,
                WidthMultiplier = 0.25,
                Epoch = 1,
                BatchSize = 6,
                Seed = 1,
                Device = ComputeDevice.Cpu,
                Precision = ComputePrecision.Float32,
            }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(rows);

        // All columns, and those that are asked for.
        Convert(model, rows);
        Assert.Contains("Label.output", Outputs());
        Convert(model, rows, "Score", "Name");

        var expected = model.Transform(rows);
        using var session = new Session(File);
        var labels = NamedOnnxValue.CreateFromTensor("Class", new DenseTensor<string>(rows.GetColumn<string>("Class").ToArray(), [6, 1]));
        var (scores, names) = session.Run<float, string>("Pixels", pixels, "Score.output", "Name.output", labels);
        Models.AssertAgree([.. expected.GetColumn<float[]>("Score").SelectMany(row => row)], scores);
        CollectionAssert.AreEqual(expected.GetColumn<string>("Name").ToArray(), names);

        string[] Outputs()
        {
            using var all = new Session(File);
            return [.. all.Model.OutputMetadata.Keys];
        }
    }

    [TestMethod]
    public void A_pipeline_of_images_converts_from_the_column_that_ours_reads()
    {
        var ml = _ml;
        var images = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new Photo { Image = Noise(i), Class = Models.Classes[i] }));
        using var classifier = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", Models.Planar(8));
        var model = ml.Transforms.ResizeImages("Image", 8, 8)
            .Append(ml.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(ml.Transforms.NormalizeChannels("Features", "Pixels", Models.Normalization(isBytes: true)))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Fit(images).Append((ITransformer)classifier)
            .Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel").Fit(classifier.Transform(ml.Rows(Models.Planar(8), Models.Pixels(Models.Planar(8), 1)))));

        Convert(model, images, "Score", "Name");

        using var session = new Session(File);
        CollectionAssert.AreEqual(new[] { "Pixels" }, session.Model.InputMetadata.Keys.ToArray());
        var transformed = model.Transform(images);
        float[] pixels = [.. transformed.GetColumn<float[]>("Pixels").SelectMany(row => row)];
        var (scores, names) = session.Run<float, string>("Pixels", pixels, "Score.output", "Name.output");
        Models.AssertAgree([.. transformed.GetColumn<float[]>("Score").SelectMany(row => row)], scores);
        CollectionAssert.AreEqual(transformed.GetColumn<string>("Name").ToArray(), names);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_classifier_of_images_converts_from_their_bytes(bool normalizedByThePipeline)
    {
        var images = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new Photo { Image = Noise(i), Class = Models.Classes[i] }));
        var layout = new ImageLayout(new ImageShape(3, 9, 9), Interleaved: true, IsBytes: !normalizedByThePipeline);
        var normalization = Models.Normalization(isBytes: true);
        using var classifier = Models.Create(
            "shufflenetv1 g3 0.25x stem=cifar shuffle=paper", layout, normalizedByThePipeline ? ChannelNormalization.None : normalization);
        var model = Chain(
            normalizedByThePipeline ? _ml.Transforms.NormalizeChannels("Features", "Image", normalization) : _ml.Transforms.CopyColumns("Features", "Image"),
            images, classifier);
        byte[] pixels = [.. Enumerable.Range(0, 3).SelectMany(i => Noise(i).Pixels.ToArray().Chunk(4).SelectMany(pixel => pixel[..3]))];
        var expected = model.Scores(images);

        var input = normalizedByThePipeline ? "Image" : "Features";

        Convert(model, images, "Score", "PredictedLabel");
        _ml.Model.SaveOnnx(model, images.Schema, _folder.At("saved.onnx"));

        using var converted = new Session(File);
        CollectionAssert.AreEqual(new[] { input }, converted.Model.InputMetadata.Keys.ToArray());
        Models.AssertAgree(expected, converted.Run<byte, uint>(input, pixels, "Score.output", "PredictedLabel.output").Scores);
        using var saved = new Session(_folder.At("saved.onnx"));
        Models.AssertAgree(expected, saved.Run<byte, long>(input, pixels).Scores);
    }

    [TestMethod]
    public void Features_and_a_trainer_of_ML_NET_convert_from_the_images()
    {
        var images = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new Photo { Image = Noise(i), Class = Models.Classes[i % 3] }));
        using var network = Models.Create(
            "shufflenetv1 g3 0.25x stem=cifar shuffle=paper", new ImageLayout(new ImageShape(3, 9, 9), Interleaved: true, IsBytes: true),
            Models.Normalization(isBytes: true));
        var model = _ml.Transforms.LoadImageFiles("Features", 9, 9, "Image")
            .Append(_ml.Transforms.FeaturizeImages("Features", network))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 0.1f))
            .Fit(images);
        var read = _ml.Transforms.LoadImageFiles("Features", 9, 9, "Image").Fit(images).Transform(images);
        byte[] pixels = [.. read.GetColumn<byte[]>("Features").SelectMany(image => image)];

        Convert(model, images, "Features", "Score");

        using var session = new Session(File);
        CollectionAssert.AreEqual(new[] { "Features" }, session.Model.InputMetadata.Keys.ToArray());
        using var results = session.Model.Run([NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<byte>(pixels, [6, 9, 9, 3]))], ["Features.output", "Score.output"]);
        var transformed = model.Transform(images);
        float[] expected = [.. transformed.GetColumn<float[]>("Features").SelectMany(row => row)];
        float[] features = [.. results[0].AsEnumerable<float>()];
        Assert.HasCount(expected.Length, features);
        float largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], features[i], 1e-5f * largest, $"feature {i}");
        float[][] scores = [.. transformed.GetColumn<float[]>("Score")];
        // A linear classifier makes more of what rounding did to the features.
        foreach (var (score, actual) in scores.SelectMany(row => row).Zip(results[1].AsEnumerable<float>()))
            Assert.AreEqual(score, actual, 1e-3f);
        Assert.IsGreaterThan(0.1f, scores.Max(row => row[0]) - scores.Min(row => row[0]));
    }

    [TestMethod]
    [DataRow(9)]
    [DataRow(12)]
    public void The_checker_of_ONNX_accepts_what_is_converted(int opset)
    {
        var layout = Models.Interleaved(8, isBytes: true);
        var rows = _ml.Rows(layout, Models.Pixels(layout, 1), "Pixels");
        using var classifier = Models.Create("shufflenetv1 g3 0.5x stem=cifar shuffle=paper", Models.Interleaved(8));
        var model = Chain(_ml.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.ImageNet), rows, classifier);

        using (var stream = System.IO.File.Create(File))
            _ml.Model.ConvertToOnnx(model, rows, opset, stream);

        Assert.HasCount(1, OnnxChecker.Check(full: false, File));
    }

    private TransformerChain<ITransformer> Chain(IEstimator<ITransformer> first, IDataView rows, ITransformer classifier) =>
        first.Append(_ml.Transforms.CopyColumns("Id", "Class")).Fit(rows).Append(classifier);

    private void Convert(ITransformer model, IDataView data, params string[] outputs)
    {
        using var stream = System.IO.File.Create(File);
        if (outputs.Length == 0)
            _ml.Model.ConvertToOnnx(model, data, stream);
        else
            _ml.Model.ConvertToOnnx(model, data, stream, outputs);
    }

    private static MLImage Noise(int seed)
    {
        var pixels = new byte[4 * 9 * 9];
        new Random(seed).NextBytes(pixels);
        return MLImage.CreateFromPixels(9, 9, MLPixelFormat.Rgba32, pixels);
    }

    private sealed class Photo
    {
        [Microsoft.ML.Transforms.Image.ImageType(9, 9)]
        public MLImage Image { get; set; } = null!;

        public string Class { get; set; } = "";
    }
}
