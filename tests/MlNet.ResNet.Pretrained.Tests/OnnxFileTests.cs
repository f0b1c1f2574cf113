using Google.Protobuf;
using MlNet.ImageClassification;
using Onnx;
using TorchSharp;

namespace MlNet.ResNet.Pretrained.Tests;

/// <summary>Weights in small ONNX graphs, good ones and bad ones.</summary>
[TestClass]
public sealed class OnnxFileTests
{
    internal static readonly OnnxLayer[] Layers = [new("c1", "b1", "conv1", "bn1")];

    [TestMethod]
    [DataRow(true, DisplayName = "raw data")]
    [DataRow(false, DisplayName = "a list of floats")]
    public void Weights_are_read_with_the_channels_of_the_first_reversed(bool raw)
    {
        using var folder = new TempFolder();
        using var file = Open(folder, Graph(raw));
        CollectionAssert.AreEqual(new long[] { 1, 3, 1, 1 }, file.Tensors["conv1.weight"].Shape);
        using var weight = file.Read("conv1.weight");
        CollectionAssert.AreEqual(new[] { 3f, 2, 1 }, weight.contiguous().data<float>().ToArray());
        using var mean = file.Read("bn1.running_mean");
        CollectionAssert.AreEqual(new[] { 6f }, mean.data<float>().ToArray());
    }

    [TestMethod]
    public void Graphs_that_are_not_the_one_expected_are_refused()
    {
        AssertRefused("it does not have one node 'c1' of type Conv with 2 inputs.", graph => graph.Node[0].Name = "other");
        AssertRefused("it does not have one node 'c1' of type Conv with 2 inputs.", graph => graph.Node[0].Input.Add("bias"));
        AssertRefused("it does not have one node 'b1' of type BatchNormalization with 5 inputs.", graph => graph.Node[1].OpType = "Relu");
        AssertRefused("it does not have one node 'b1' of type", graph => graph.Node.Add(graph.Node[1].Clone()));
        AssertRefused("the batch norm 'b1' does not have the epsilon 1E-05.", graph => graph.Node[1].Attribute[0].F = 1e-3f);
        AssertRefused("the batch norm 'b1' does not have the epsilon 1E-05.", graph => graph.Node[1].Attribute.Add(graph.Node[1].Attribute[0].Clone()));
        AssertRefused("it holds 0 times the values of 'bn1.bias'.", graph => graph.Initializer.RemoveAt(2));
        AssertRefused("'bn1.bias' is of type 11 and shape [1].", graph => graph.Initializer[2].DataType = (int)TensorProto.Types.DataType.Double);
        AssertRefused("'bn1.bias' is of type 1 and shape [-1].", graph => graph.Initializer[2].Dims[0] = -1);
        AssertRefused("'bn1.bias' has 1 values and 0 raw bytes; its shape [2] needs 2 values.", graph => graph.Initializer[2].Dims[0] = 2);
    }

    [TestMethod]
    public void A_file_of_another_kind_is_refused()
    {
        using var folder = new TempFolder();
        string path = folder.Write("weights.onnx", "not a graph");
        Assert.Contains(
            "it is no ONNX file, or damaged: ",
            Assert.ThrowsExactly<InvalidDataException>(() => OnnxFile.Open(path, Layers, null)).Message);
        path = folder.Write("empty.onnx", "");
        Assert.EndsWith("it has no graph.", Assert.ThrowsExactly<InvalidDataException>(() => OnnxFile.Open(path, Layers, null)).Message);
    }

    [TestMethod]
    public void Damaged_files_are_refused_or_give_tensors_of_the_shapes_they_tell()
    {
        using var folder = new TempFolder();
        byte[] whole = new ModelProto { Graph = Graph(raw: false) }.ToByteArray();
        var random = new Random(3);
        int refused = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            string path = folder.Write("damaged.onnx", Damage.Of(whole, random));
            try
            {
                using var file = OnnxFile.Open(path, Layers, "conv1.weight");
                foreach (var (name, description) in file.Tensors.Where(tensor => tensor.Key != "conv1.weight" || tensor.Value.Shape.Length > 1))
                {
                    using var values = file.Read(name);
                    CollectionAssert.AreEqual(description.Shape, values.shape);
                }
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith($"The weights file '{path}' cannot be used: ", e.Message);
                refused++;
            }
        }
        Assert.IsGreaterThan(200, refused);
        Assert.IsLessThan(200L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertRefused(string message, Action<GraphProto> change)
    {
        using var folder = new TempFolder();
        var graph = Graph(raw: false);
        change(graph);
        Assert.Contains(message, Assert.ThrowsExactly<InvalidDataException>(() => Open(folder, graph)).Message);
    }

    private static OnnxFile Open(TempFolder folder, GraphProto graph) =>
        OnnxFile.Open(folder.Write("weights.onnx", new ModelProto { Graph = graph }.ToByteArray()), Layers, "conv1.weight");

    internal static GraphProto Graph(bool raw)
    {
        var convolution = new NodeProto { Name = "c1", OpType = "Conv" };
        convolution.Input.AddRange(["image", "w"]);
        var norm = new NodeProto { Name = "b1", OpType = "BatchNormalization" };
        norm.Input.AddRange(["conv", "scale", "bias", "mean", "variance"]);
        norm.Attribute.Add(new AttributeProto { Name = "epsilon", F = 1e-5f });
        var graph = new GraphProto { Node = { convolution, norm } };
        graph.Initializer.Add(Values("w", [1, 3, 1, 1], [1, 2, 3]));
        foreach (var (name, value) in new[] { ("scale", 4f), ("bias", 5f), ("mean", 6f), ("variance", 7f) })
            graph.Initializer.Add(Values(name, [1], [value]));
        return graph;

        TensorProto Values(string name, long[] shape, float[] values)
        {
            var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
            tensor.Dims.AddRange(shape);
            if (raw)
                tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
            else
                tensor.FloatData.AddRange(values);
            return tensor;
        }
    }
}
