using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNet.ImageClassification;

namespace MlNet.Onnx.Tests;

/// <summary>Files that SaveOnnx writes.</summary>
[TestClass]
public sealed class SaveOnnxTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TempFolder _folder = new();

    private string File => _folder.At("model.onnx");

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("resnet18 v1.5 stem=cifar", 8)]
    [DataRow("resnet34 v1.5 stem=cifar-pool", 16)]
    [DataRow("resnet50 v1.5 stem=imagenet", 33)]
    [DataRow("resnet50 v1 stem=cifar", 9)]
    [DataRow("resnet101 v1.5 stem=cifar", 8)]
    [DataRow("resnet152 v1.5 stem=cifar", 8)]
    [DataRow("shufflenetv1 g1 1x stem=cifar shuffle=paper", 8)]
    [DataRow("shufflenetv1 g2 1x stem=strided shuffle=paper", 17)]
    [DataRow("shufflenetv1 g3 1x stem=imagenet shuffle=paper", 33)]
    [DataRow("shufflenetv1 g3 1x stem=cifar shuffle=authors", 9)]
    [DataRow("shufflenetv1 g4 1x stem=cifar shuffle=paper", 8)]
    [DataRow("shufflenetv1 g8 0.5x stem=cifar shuffle=paper", 8)]
    public void ONNX_Runtime_and_ML_NET_give_our_scores(string architecture, int side)
    {
        var layout = Models.Planar(side);
        using var model = Models.Create(architecture, layout);
        var pixels = Models.Pixels(layout, 5);
        var rows = _ml.Rows(layout, pixels);

        model.SaveOnnx(File);

        var (expected, keys) = (model.Scores(rows), model.Keys(rows));
        using var session = new Session(File);
        var (scores, labels) = session.Run<float, long>("Features", pixels);
        Models.AssertAgree(expected, scores);
        CollectionAssert.AreEqual(keys.Select(key => (long)key - 1).ToArray(), labels);
        Models.AssertAgree(expected[..3], session.Run<float, long>("Features", pixels[..layout.Size]).Scores);
        Models.AssertAgree(expected, _ml.Transforms.ApplyOnnxModel(["Score"], ["Features"], File).Fit(rows).Scores(rows));
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    [DataRow(true, true)]
    public void The_file_takes_what_the_feature_column_has_and_normalizes_it(bool interleaved, bool isBytes)
    {
        var layout = interleaved ? Models.Interleaved(8, isBytes) : Models.Planar(8, isBytes);
        using var model = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", layout, Models.Normalization(isBytes));
        var pixels = Models.Pixels(layout, 2);

        model.SaveOnnx(File);

        using var session = new Session(File);
        var scores = isBytes
            ? session.Run<byte, long>("Features", Models.Bytes(pixels)).Scores
            : session.Run<float, long>("Features", pixels).Scores;
        Models.AssertAgree(model.Scores(_ml.Rows(layout, pixels)), scores);
        CollectionAssert.AreEqual(interleaved ? [-1, 8, 8, 3] : (int[])[-1, 3, 8, 8], session.Model.InputMetadata["Features"].Dimensions);
    }

    [TestMethod]
    [DataRow(TestTimeAugmentation.Flip, 8, 8)]
    [DataRow(TestTimeAugmentation.FlipAndShift, 8, 8)]
    [DataRow(TestTimeAugmentation.FlipAndShift, 48, 33)]
    public void The_views_of_test_time_augmentation_are_in_the_graph(TestTimeAugmentation views, int height, int width)
    {
        var layout = new ImageLayout(new ImageShape(3, height, width), Interleaved: true, IsBytes: true);
        using var model = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", layout, Models.Normalization(isBytes: true));
        var pixels = Models.Pixels(layout, 3);
        var rows = _ml.Rows(layout, pixels);
        var single = model.Scores(rows);
        // A change after training counts as well.
        model.TestTimeAugmentation = views;
        var (expected, keys) = (model.Scores(rows), model.Keys(rows));
        Assert.IsGreaterThan(1e-3, single.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), "the views make no difference");

        model.SaveOnnx(File);
        string converted = _folder.At("converted.onnx");
        using (var stream = System.IO.File.Create(converted))
            _ml.Model.ConvertToOnnx(model, rows, 9, stream);

        using var saved = new Session(File);
        var (scores, labels) = saved.Run<byte, long>("Features", Models.Bytes(pixels));
        Models.AssertAgree(expected, scores);
        CollectionAssert.AreEqual(keys.Select(key => (long)key - 1).ToArray(), labels);
        Models.AssertAgree(expected[..3], saved.Run<byte, long>("Features", Models.Bytes(pixels[..layout.Size])).Scores);
        using var ofMlNet = new Session(converted);
        var texts = NamedOnnxValue.CreateFromTensor("Class", new DenseTensor<string>(rows.GetColumn<string>("Class").ToArray(), [3, 1]));
        Models.AssertAgree(expected, ofMlNet.Run<byte, uint>("Features", Models.Bytes(pixels), "Score.output", "PredictedLabel.output", texts).Scores);
        OnnxChecker.Check(full: true, File);
    }

    [TestMethod]
    public void A_pipeline_is_saved_from_the_column_that_its_normalization_reads()
    {
        var bytes = Models.Interleaved(8, isBytes: true);
        var rows = _ml.Rows(bytes, Models.Pixels(bytes, 2), "Pixels");
        using var classifier = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", Models.Interleaved(8));
        var model = _ml.Transforms.NormalizeChannels("Features", "Pixels", Models.Normalization(isBytes: true))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Class"))
            .Fit(rows).Append((ITransformer)classifier);

        _ml.Model.SaveOnnx(model, rows.Schema, File);

        using var session = new Session(File);
        CollectionAssert.AreEqual(new[] { "Pixels" }, session.Model.InputMetadata.Keys.ToArray());
        Models.AssertAgree(model.Scores(rows), session.Run<byte, long>("Pixels", Models.Bytes(Models.Pixels(bytes, 2))).Scores);
    }

    [TestMethod]
    public void Another_transform_before_the_classifier_stays_with_the_pipeline()
    {
        var layout = Models.Planar(8);
        var rows = _ml.Rows(layout, Models.Pixels(layout, 2), "Pixels");
        using var classifier = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", layout);
        var model = _ml.Transforms.NormalizeChannels("Normalized", "Pixels", new ChannelNormalization([0, 0, 0], [1, 2, 1]))
            .Append(_ml.Transforms.CopyColumns("Features", "Normalized"))
            .Fit(rows).Append((ITransformer)classifier);

        _ml.Model.SaveOnnx(model, rows.Schema, File);

        using var session = new Session(File);
        CollectionAssert.AreEqual(new[] { "Features" }, session.Model.InputMetadata.Keys.ToArray());
    }

    [TestMethod]
    public void The_metadata_has_the_class_names_and_the_network()
    {
        string[] classes = ["čert", "two \"words\"", "c"];
        using var model = Models.Create("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", Models.Interleaved(8, isBytes: true), ChannelNormalization.ImageNet, classes);

        model.SaveOnnx(File);

        using var session = new Session(File);
        var metadata = session.Model.ModelMetadata.CustomMetadataMap;
        CollectionAssert.AreEqual(classes, JsonSerializer.Deserialize<string[]>(metadata["classes"]));
        Assert.AreEqual("shufflenetv1 g3 0.25x stem=cifar shuffle=paper", metadata["architecture"]);
        Assert.AreEqual("[N, height, width, channels], bytes 0 to 255, normalized by the graph", metadata["input"]);
    }

    [TestMethod]
    public void The_checker_of_ONNX_accepts_the_files_and_infers_the_declared_shapes()
    {
        (string, ImageLayout)[] models =
        [
            ("resnet18 v1.5 stem=imagenet", Models.Planar(32)),
            ("shufflenetv1 g1 0.25x stem=cifar shuffle=paper", Models.Planar(8, isBytes: true)),
            ("shufflenetv1 g3 0.5x stem=imagenet shuffle=authors", Models.Interleaved(32)),
            ("shufflenetv1 g8 0.5x stem=strided shuffle=paper", Models.Interleaved(16, isBytes: true)),
        ];
        string[] inputs =
        [
            "FLOAT ['N', 3, 32, 32]", "UINT8 ['N', 3, 8, 8]", "FLOAT ['N', 32, 32, 3]", "UINT8 ['N', 16, 16, 3]",
        ];
        foreach (var (i, (architecture, layout)) in models.Index())
        {
            using var model = Models.Create(architecture, layout, ChannelNormalization.ImageNet);
            model.SaveOnnx(_folder.At($"{i}.onnx"));
        }

        CollectionAssert.AreEqual(
            inputs.Select(input => $"Features: {input}; Score: FLOAT ['N', 3]; PredictedLabel: INT64 ['N']").ToArray(),
            OnnxChecker.Check(full: true, models.Select((_, i) => _folder.At($"{i}.onnx"))));
    }

    [TestMethod]
    public void Weights_beyond_what_a_file_can_hold_are_refused_and_the_file_that_was_there_stays()
    {
        var layout = Models.Planar(8);
        using var model = Models.Create("shufflenetv1 g1 0.25x stem=cifar shuffle=paper", layout);
        System.IO.File.WriteAllText(File, "older");

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => OnnxModelFile.Write(File, new ImageSegment(model, "Features", layout, []), limit: 1000));

        Assert.StartsWith("The network's weights take more than 1000 bytes, and an ONNX file can hold no more. ", exception.Message);
        Assert.AreEqual("older", System.IO.File.ReadAllText(File));
        Assert.HasCount(1, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void A_file_that_cannot_be_written_leaves_none_beside()
    {
        using var model = Models.Create("shufflenetv1 g1 0.25x stem=cifar shuffle=paper", Models.Planar(8));
        Directory.CreateDirectory(File);

        Assert.Throws<Exception>(() => model.SaveOnnx(File));

        Assert.IsEmpty(Directory.GetFiles(_folder.Path));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => model.SaveOnnx(_folder.At("missing", "model.onnx")));
    }

    [TestMethod]
    public void A_pipeline_without_a_classifier_and_another_schema_are_refused()
    {
        var layout = Models.Planar(8);
        var rows = _ml.Rows(layout, Models.Pixels(layout, 1));
        var normalizer = _ml.Transforms.NormalizeChannels("Features", null, ChannelNormalization.Cifar10).Fit(rows);
        using var model = Models.Create("shufflenetv1 g1 0.25x stem=cifar shuffle=paper", Models.Planar(16));

        var none = Assert.ThrowsExactly<ArgumentException>(() => _ml.Model.SaveOnnx(normalizer, rows.Schema, File));
        Assert.Contains("The model has 0 image classifiers among its transformers (NormalizeChannelsTransformer)", none.Message);
        var other = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.SaveOnnx(model, rows.Schema, File));
        Assert.Contains("Column 'Features' is Vector<Single, 3, 8, 8>, but the network was trained on Vector<Single, 3, 16, 16>", other.Message);
    }
}
