using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;
using static TorchSharp.torch;

namespace MlNet.Onnx.Tests;

/// <summary>Models with random weights and statistics, and images for them.</summary>
internal static class Models
{
    private const double Tolerance = 1e-4;
    private const int Sample = 8;

    public static readonly string[] Classes = ["ant", "bee", "cat"];

    /// <summary>A model that scores in float32 on the CPU, whose probabilities are neither all alike nor one of them 1.</summary>
    public static ImageClassificationTransformer Create(
        string architecture, ImageLayout layout, ChannelNormalization? normalization = null, string[]? classes = null)
    {
        classes ??= Classes;
        var (assembly, family) = architecture.StartsWith("resnet") ? ("MlNet.ResNet", "ResNet") : ("MlNet.ShuffleNet", "ShuffleNetV1");
        var definition = new ModelDefinition(
            assembly, family, architecture, layout, normalization ?? ChannelNormalization.None, classes.Length,
            KeyNames.FromTexts(DataKind.String, classes), "Features", "Score", "PredictedLabel", ComputePrecision.Float32, null, BadImagePolicy.Fail);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = NetworkFamily.Find(assembly, family).Create(architecture, layout.Shape, classes.Length);
        using var preprocessing = new Preprocessing(definition.Normalization, CPU);
        var pixels = tensor(Pixels(layout, Sample), [Sample, .. OnnxGraph.Dimensions(layout)[1..]]);
        Randomize(network, preprocessing.Apply(layout.Interleaved ? pixels.permute(0, 3, 1, 2) : pixels));
        return new ImageClassificationTransformer(definition, NetworkWeights.Of(network), new ComputeTarget(CPU, ScalarType.Float32), null);
    }

    /// <summary>Brings bytes into the range of floats, about; floats stay in theirs.</summary>
    public static ChannelNormalization Normalization(bool isBytes) => isBytes
        ? new ChannelNormalization([127, 120, 130], [127, 120, 130])
        : new ChannelNormalization([0.05f, 0.1f, -0.05f], [0.9f, 1.1f, 1]);

    public static ImageLayout Planar(int side, bool isBytes = false) => new(new ImageShape(3, side, side), Interleaved: false, isBytes);

    public static ImageLayout Interleaved(int side, bool isBytes = false) => new(new ImageShape(3, side, side), Interleaved: true, isBytes);

    /// <summary>Values of images, each of more contrast than the one before: whole numbers from 0 to 255 for bytes, else -1 to 1.</summary>
    public static float[] Pixels(ImageLayout layout, int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, layout.Size * count).Select(i =>
        {
            float value = (1 + i / layout.Size % Sample) / (float)Sample * (random.NextSingle() * 2 - 1);
            return layout.IsBytes ? MathF.Floor(127.5f * (value + 1)) : value;
        })];
    }

    public static byte[] Bytes(float[] pixels) => Array.ConvertAll(pixels, value => (byte)value);

    /// <summary>Images as rows, and a label that has nothing to do with them.</summary>
    public static IDataView Rows(this MLContext ml, ImageLayout layout, float[] pixels, string column = "Features")
    {
        var (channels, height, width) = layout.Shape;
        int[] dimensions = layout.Interleaved ? [height, width, channels] : [channels, height, width];
        return layout.IsBytes ? Load(Bytes(pixels), NumberDataViewType.Byte) : Load(pixels, NumberDataViewType.Single);

        IDataView Load<T>(T[] values, NumberDataViewType type)
        {
            var schema = SchemaDefinition.Create(typeof(Row<T>));
            schema["Pixels"].ColumnType = new VectorDataViewType(type, dimensions);
            schema["Pixels"].ColumnName = column;
            return ml.Data.LoadFromEnumerable(
                values.Chunk(layout.Size).Select((image, i) => new Row<T> { Pixels = image, Class = Classes[i % Classes.Length] }), schema);
        }
    }

    public static float[] Scores(this ITransformer model, IDataView rows) =>
        [.. model.Transform(rows).GetColumn<float[]>("Score").SelectMany(scores => scores)];

    public static uint[] Keys(this ITransformer model, IDataView rows) => [.. model.Transform(rows).GetColumn<uint>("PredictedLabel")];

    /// <summary>Compares probabilities, each in parts of itself, and sees to it that they tell something.</summary>
    public static void AssertAgree(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        Assert.IsTrue(expected.All(score => score is > 0.001f and < 0.999f), string.Join(' ', expected));
        var images = expected.Chunk(Classes.Length).ToArray();
        Assert.IsTrue(
            images.Length == 1 || images.Max(scores => scores[0]) - images.Min(scores => scores[0]) > 10 * Tolerance
                || images.Max(scores => scores[1]) - images.Min(scores => scores[1]) > 10 * Tolerance, string.Join(' ', expected));
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], Tolerance * expected[i], $"score {i}");
    }

    // Every norm has other figures, and the statistics of these images, so that the last layer still tells them apart; its logits
    // are of such a size that no probability is close to 0 or 1.
    private static void Randomize(ClassificationNetwork network, Tensor images)
    {
        network.Initialize(seed: 1);
        using var generator = new Generator(1);
        var state = network.state_dict();
        var statistics = state.Where(entry => entry.Key.Contains(".running_") || entry.Key.StartsWith("running_")).Select(entry => entry.Value).ToArray();
        foreach (var values in statistics)
            values.zero_();
        foreach (var (name, values) in state.Where(entry => entry.Value.dim() == 1 && !statistics.Contains(entry.Value)))
            values.uniform_(name.EndsWith("weight") ? 0.5 : -0.5, name.EndsWith("weight") ? 1.5 : 0.5, generator);

        // A step adds a tenth of the batch's own statistics.
        network.train();
        network.forward(images);
        foreach (var values in statistics)
            values.mul_(10);
        // Small variances would make much of rounding errors.
        foreach (var variances in state.Where(entry => entry.Key.EndsWith("running_var")).Select(entry => entry.Value))
            variances.add_(variances.mean() / 4);
        network.eval();
        var scale = 2 / network.forward(images).abs().max();
        foreach (var values in network.Classifier.state_dict().Values)
            values.mul_(scale);
    }

    private sealed class Row<T>
    {
        public T[] Pixels { get; set; } = [];

        public string Class { get; set; } = "";
    }
}
