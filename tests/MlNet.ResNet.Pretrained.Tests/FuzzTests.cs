using Google.Protobuf;
using Onnx;

namespace MlNet.ResNet.Pretrained.Tests;

/// <summary>Mutants of an ONNX file are refused with a message or give the tensors that they tell; nothing else happens.</summary>
[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    [DataRow(true, DisplayName = "raw data")]
    [DataRow(false, DisplayName = "a list of floats")]
    public void Onnx_files(bool raw)
    {
        using var folder = new TempFolder();
        string path = folder.At("mutant.onnx");
        byte[][]? expected = null;
        Mutants.Check($"ONNX, raw {raw}", new ModelProto { Graph = OnnxFileTests.Graph(raw) }.ToByteArray(), mutant =>
        {
            File.WriteAllBytes(path, mutant);
            using var file = OnnxFile.Open(path, OnnxFileTests.Layers, reversedInput: null);
            var content = new List<byte[]>();
            foreach (var (name, description) in file.Tensors)
            {
                using var values = file.Read(name);
                CollectionAssert.AreEqual(description.Shape, values.shape);
                content.Add(values.bytes.ToArray());
            }
            expected ??= [.. content];
            return content.Zip(expected).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        }, e => e is InvalidDataException && e.Message.StartsWith($"The weights file '{path}' cannot be used: ", StringComparison.Ordinal));
    }
}
