using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A graph of ONNX operators that networks describe themselves to, layer by layer. A value is known by its name, and each
/// method adds what computes a new one. All operators are those of opset 9 and later.
/// </summary>
internal abstract class OnnxGraph : INetworkGraph
{
    // ONNX's numbers of element types.
    private const long Float = 1;
    private const long UInt32 = 12;

    private readonly long _limit;
    private long _bytes;

    /// <param name="limit">The most bytes that all constants may take.</param>
    protected OnnxGraph(long limit = LargestFile) => _limit = limit;

    /// <summary>
    /// The most bytes of weights in a file: protobuf ends at 2 GiB, and its writer puts down a wrong length beyond without a word;
    /// the rest of the graph takes far less than the 16 MiB that are left for it.
    /// </summary>
    public const long LargestFile = int.MaxValue - (1 << 24);

    /// <summary>Pixels as a network takes them.</summary>
    /// <param name="images">Images of the layout, [N, ...]; bytes where <see cref="ImageLayout.IsBytes"/>.</param>
    /// <param name="layout">How their values lie.</param>
    /// <param name="reshape">Whether the images may have come as [N, values] and need their dimensions again.</param>
    /// <returns>[N, channels, height, width], float32.</returns>
    public string Images(string images, ImageLayout layout, bool reshape)
    {
        if (reshape)
            images = Reshape(images, Dimensions(layout));
        if (layout.IsBytes)
            images = Node("Cast", [images], ("to", Float));
        return layout.Interleaved ? Node("Transpose", [images], ("perm", (long[])[0, 3, 1, 2])) : images;
    }

    /// <summary>The inverse of <see cref="Images"/> for float32.</summary>
    public string FromImages(string images, ImageLayout layout, string output) => layout.Interleaved
        ? Node("Transpose", [images], output, ("perm", (long[])[0, 2, 3, 1]))
        : Node("Identity", [images], output);

    /// <summary>What <see cref="Preprocessing"/> computes.</summary>
    public string Normalize(string images, ChannelNormalization normalization)
    {
        if (normalization == ChannelNormalization.None)
            return images;
        var centered = Node("Sub", [images, PerChannel(normalization.Mean)]);
        return Node("Mul", [centered, PerChannel([.. normalization.Deviation.Select(deviation => 1 / deviation)])]);
    }

    public string Convolution(string input, Tensor weight, Tensor bias, int stride, int groups)
    {
        var kernel = weight.shape[2];
        return Node(
            "Conv", [input, Constant("weight", weight), Constant("bias", bias)],
            [.. Window(kernel, stride), ("dilations", (long[])[1, 1]), ("group", (long)groups)]);
    }

    public string Relu(string input) => Node("Relu", [input]);

    public string Add(string first, string second) => Node("Add", [first, second]);

    public string JoinChannels(string first, string second) => Node("Concat", [first, second], ("axis", 1L));

    // The place of row r and column c of a table is r * columns + c before and c * rows + r after.
    public string TransposeChannels(string input, int channels, int rows)
    {
        long columns = channels / rows;
        return Node("Gather", [input, Constant("channels", [.. Enumerable.Range(0, channels).Select(i => i % rows * columns + i / rows)])], ("axis", 1L));
    }

    /// <summary>Images whose rows or columns come from other places; where there are none, they are zero.</summary>
    /// <param name="images">[N, C, H, W], of finite values.</param>
    /// <param name="axis">2 for rows, 3 for columns.</param>
    /// <param name="sources">The place of the input that each place of the result comes from; what lies outside has none.</param>
    public string Move(string images, int axis, long[] sources)
    {
        bool IsInside(long source) => source >= 0 && source < sources.Length;
        var places = Constant("places", Array.ConvertAll(sources, source => IsInside(source) ? source : 0));
        var moved = Node("Gather", [images, places], ("axis", (long)axis));
        if (sources.All(IsInside))
            return moved;
        long[] shape = axis == 2 ? [1, 1, sources.Length, 1] : [1, 1, 1, sources.Length];
        return Node("Mul", [moved, AddConstant("inside", Array.ConvertAll(sources, source => IsInside(source) ? 1f : 0), shape)]);
    }

    /// <summary>Several batches as one, one behind the other; [N, ...] each.</summary>
    public string JoinBatches(params string[] batches) => Node("Concat", batches, ("axis", 0L));

    /// <summary>The mean over batches that were joined.</summary>
    /// <param name="joined">[batches * N, values].</param>
    /// <param name="batches">How many they were.</param>
    /// <param name="size">How many values each image has.</param>
    /// <param name="output">The name of the mean, [N, values].</param>
    public string MeanOfBatches(string joined, int batches, int size, string output) =>
        Node("ReduceMean", [Reshape(joined, [batches, -1, size])], output, ("axes", (long[])[0]), ("keepdims", 0L));

    public string MaxPool(string input) => Node("MaxPool", [input], Window(kernel: 3, stride: 2));

    public string AveragePool(string input) =>
        Node("AveragePool", [input], [.. Window(kernel: 3, stride: 2), ("count_include_pad", 1L)]);

    /// <summary>The average of each channel over all positions, [N, C].</summary>
    public string GlobalAverage(string input) => Node("Flatten", [Node("GlobalAveragePool", [input])], ("axis", 1L));

    /// <inheritdoc cref="GlobalAverage(string)"/>
    public string GlobalAverage(string input, string output) => Node("Flatten", [Node("GlobalAveragePool", [input])], output, ("axis", 1L));

    /// <summary>A network, from images to logits, [N, classes].</summary>
    public string Logits(ClassificationNetwork network, string images) =>
        network.Classifier.WriteTo(this, GlobalAverage(network.WriteFeatureMapsTo(this, images)));

    /// <summary>A fully connected layer.</summary>
    /// <param name="input">[N, C].</param>
    /// <param name="weight">[C', C].</param>
    /// <param name="bias">[C'].</param>
    public string Linear(string input, Tensor weight, Tensor bias) =>
        Node("Gemm", [input, Constant("weight", weight), Constant("bias", bias)], ("transB", 1L));

    /// <summary>Probabilities from logits, [N, classes].</summary>
    public string Softmax(string logits) => Node("Softmax", [logits], ("axis", 1L));

    /// <inheritdoc cref="Softmax(string)"/>
    public string Softmax(string logits, string output) => Node("Softmax", [logits], output, ("axis", 1L));

    /// <summary>The number of the highest score, counted from 0; int64, [N].</summary>
    public string IndexOfHighest(string scores, string output) =>
        Node("ArgMax", [scores], output, ("axis", 1L), ("keepdims", 0L));

    /// <summary>ML.NET's key of the highest score, counted from 1; uint32, [N, 1].</summary>
    public string KeyOfHighest(string scores, string output)
    {
        var index = Node("ArgMax", [scores], ("axis", 1L), ("keepdims", 1L));
        return Node("Cast", [Node("Add", [index, Constant("one", [1L])])], output, ("to", UInt32));
    }

    /// <summary>The dimensions of images of a layout; -1 for how many there are.</summary>
    public static long[] Dimensions(ImageLayout layout)
    {
        var (channels, height, width) = layout.Shape;
        return layout.Interleaved ? [-1, height, width, channels] : [-1, channels, height, width];
    }

    /// <summary>Adds a node.</summary>
    /// <param name="type">The operator, of ONNX's own domain.</param>
    /// <param name="inputs">The names of its inputs.</param>
    /// <param name="output">The name of its output; null for one that the graph makes up.</param>
    /// <param name="attributes">Each a long or a long[].</param>
    /// <returns>The name of the output.</returns>
    protected abstract string AddNode(string type, IReadOnlyList<string> inputs, string? output, IEnumerable<(string Name, object Value)> attributes);

    /// <summary>Adds a constant.</summary>
    /// <param name="name">What it is; the graph makes a name of its own from it.</param>
    /// <param name="values">Its values.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <returns>Its name.</returns>
    protected abstract string AddConstant(string name, float[] values, long[] shape);

    /// <inheritdoc cref="AddConstant(string, float[], long[])"/>
    protected abstract string AddConstant(string name, long[] values);

    private string Reshape(string input, long[] shape) => Node("Reshape", [input, Constant("shape", shape)]);

    private string PerChannel(IReadOnlyList<float> values) => AddConstant("normalization", [.. values], [1, values.Count, 1, 1]);

    private string Constant(string name, long[] values) => AddConstant(name, values);

    private string Constant(string name, Tensor values)
    {
        _bytes += values.numel() * sizeof(float);
        if (_bytes > _limit)
            throw new InvalidOperationException(
                $"The network's weights take more than {_limit} bytes, and an ONNX file can hold no more. " +
                "Use a smaller network or fewer classes, or save the model by mlContext.Model.Save.");
        using var plain = values.to(ScalarType.Float32, CPU).contiguous();
        return AddConstant(name, MemoryMarshal.Cast<byte, float>(plain.bytes).ToArray(), values.shape);
    }

    private string Node(string type, string[] inputs, params (string, object)[] attributes) => AddNode(type, inputs, null, attributes);

    private string Node(string type, string[] inputs, string output, params (string, object)[] attributes) =>
        AddNode(type, inputs, output, attributes);

    private static (string, object)[] Window(long kernel, long stride)
    {
        var padding = kernel / 2;
        return
        [
            ("kernel_shape", (long[])[kernel, kernel]),
            ("strides", (long[])[stride, stride]),
            ("pads", (long[])[padding, padding, padding, padding]),
        ];
    }
}
