using Google.Protobuf;
using MlNet.ImageClassification;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Pretrained;

/// <summary>
/// The weights in an ONNX graph: those of its convolutions and batch norms, which are found by the names of their nodes and get the
/// names that a table gives them. The graph is otherwise not looked at.
/// </summary>
internal sealed class OnnxFile : WeightsFile
{
    private const string Convolution = "Conv";
    private const string BatchNorm = "BatchNormalization";
    private const float Epsilon = 1e-5f;

    // The inputs of a batch norm after the image, as ONNX orders them.
    private static readonly string[] BatchNormParts = ["weight", "bias", "running_mean", "running_var"];

    private readonly Dictionary<string, TensorProto> _tensors = [];
    private readonly string? _reversedInput;

    private OnnxFile(string path, FileStream stream, IEnumerable<OnnxLayer> layers, string? reversedInput)
        : base(path, stream)
    {
        _reversedInput = reversedInput;
        var graph = Parse().Graph ?? throw Unusable("it has no graph.");
        var nodes = graph.Node.ToLookup(node => node.Name);
        var initializers = graph.Initializer.ToLookup(initializer => initializer.Name);
        foreach (var layer in layers)
        {
            var convolution = Node(layer.ConvolutionNode, Convolution, inputs: 2);
            Add($"{layer.Convolution}.weight", convolution.Input[1]);
            var norm = Node(layer.BatchNormNode, BatchNorm, inputs: 1 + BatchNormParts.Length);
            if (norm.Attribute.Where(attribute => attribute.Name == "epsilon").ToArray() is not [{ F: Epsilon }])
                throw Unusable($"the batch norm '{norm.Name}' does not have the epsilon {Epsilon}.");
            foreach (var (part, input) in BatchNormParts.Zip(norm.Input.Skip(1)))
                Add($"{layer.BatchNorm}.{part}", input);
        }
        Tensors = _tensors.ToDictionary(entry => entry.Key, entry => new TensorDescription(ScalarType.Float32, [.. entry.Value.Dims]));

        NodeProto Node(string name, string type, int inputs) =>
            nodes[name].ToArray() is [var node] && node.OpType == type && node.Input.Count == inputs
                ? node
                : throw Unusable($"it does not have one node '{name}' of type {type} with {inputs} inputs.");

        void Add(string name, string input) => _tensors.Add(name, Checked(name, initializers[input].ToArray()));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorDescription> Tensors { get; }

    /// <inheritdoc/>
    public override bool HasClassifier => false;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layers">The layers to read.</param>
    /// <param name="reversedInput">The weight whose input channels are in the opposite order; null for none.</param>
    /// <exception cref="InvalidDataException">It is no ONNX file, is damaged, or lacks one of the layers.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxFile Open(string path, IEnumerable<OnnxLayer> layers, string? reversedInput)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new OnnxFile(path, stream, layers, reversedInput);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        var stored = _tensors[name];
        var values = empty([.. stored.Dims], ScalarType.Float32);
        if (stored.RawData.Length > 0)
            stored.RawData.Span.CopyTo(values.bytes);
        else
            stored.FloatData.ToArray().AsSpan().CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(values.bytes));
        if (name != _reversedInput)
            return values;
        using var opposite = values;
        return opposite.flip(1);
    }

    private ModelProto Parse()
    {
        if (Stream.Length > int.MaxValue)
            throw Unusable($"it has {Stream.Length} bytes; an ONNX file has at most {int.MaxValue}.");
        // From an array, so that no length in the file can ask for more than the file has.
        var content = new byte[Stream.Length];
        Stream.ReadExactly(content);
        try
        {
            return ModelProto.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Unusable($"it is no ONNX file, or damaged: {e.Message}", e);
        }
    }

    private TensorProto Checked(string name, TensorProto[] found)
    {
        if (found is not [var tensor])
            throw Unusable($"it holds {found.Length} times the values of '{name}'.");
        if (tensor.DataType != (int)TensorProto.Types.DataType.Float || tensor.Dims.Any(size => size is < 1 or > int.MaxValue) || tensor.Dims.Count > 4)
            throw Unusable($"'{name}' is of type {tensor.DataType} and shape [{string.Join(", ", tensor.Dims)}].");
        var count = tensor.Dims.Aggregate((Int128)1, (product, size) => product * size);
        if (tensor.RawData.Length > 0 ? tensor.RawData.Length != count * sizeof(float) : tensor.FloatData.Count != count)
            throw Unusable(
                $"'{name}' has {tensor.FloatData.Count} values and {tensor.RawData.Length} raw bytes; its shape " +
                $"[{string.Join(", ", tensor.Dims)}] needs {count} values.");
        return tensor;
    }
}

/// <summary>A convolution and its batch norm: their nodes in the graph, and what a state dictionary calls them.</summary>
internal sealed record OnnxLayer(string ConvolutionNode, string BatchNormNode, string Convolution, string BatchNorm);
