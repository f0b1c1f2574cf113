using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace MlNet.ImageClassification;

/// <summary>The graph of a file.</summary>
/// <param name="graph">Where the nodes and constants go.</param>
/// <param name="taken">Names that values have already.</param>
/// <param name="limit">The most bytes that all constants may take.</param>
internal sealed class FileGraph(GraphProto graph, IEnumerable<string> taken, long limit) : OnnxGraph(limit)
{
    private readonly HashSet<string> _names = [.. taken];

    protected override string AddNode(
        string type, IReadOnlyList<string> inputs, string? output, IEnumerable<(string Name, object Value)> attributes)
    {
        output ??= Unique(type);
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        foreach (var (name, value) in attributes)
        {
            var attribute = new AttributeProto { Name = name };
            if (value is long[] several)
            {
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.Add(several);
            }
            else
            {
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = (long)value;
            }
            node.Attribute.Add(attribute);
        }
        graph.Node.Add(node);
        return output;
    }

    protected override string AddConstant(string name, float[] values, long[] shape) =>
        Add(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes<float>(values), shape);

    protected override string AddConstant(string name, long[] values) =>
        Add(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values), [values.Length]);

    private string Add(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> values, long[] shape)
    {
        // The format is little-endian, as every machine LibTorch runs on.
        var constant = new TensorProto { Name = Unique(name), DataType = (int)type, RawData = ByteString.CopyFrom(values) };
        constant.Dims.Add(shape);
        graph.Initializer.Add(constant);
        return constant.Name;
    }

    private string Unique(string name)
    {
        for (int i = 1; ; i++)
            if (_names.Add($"{name}_{i}"))
                return $"{name}_{i}";
    }
}
