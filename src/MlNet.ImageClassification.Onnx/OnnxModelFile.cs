using System.Text.Json;
using Google.Protobuf;
using Onnx;

namespace MlNet.ImageClassification;

/// <summary>Writes a model as an ONNX file.</summary>
internal static class OnnxModelFile
{
    private const string Producer = "MlNet.ImageClassification";
    private const string BatchDimension = "N";

    // What ONNX 1.8 of 2020 and all later programs read.
    private const int IrVersion = 7;
    private const int Opset = 13;

    /// <summary>Writes the file beside and renames it.</summary>
    /// <exception cref="InvalidOperationException">The weights take more than an ONNX file can hold.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ImageSegment segment, long limit = OnnxGraph.LargestFile)
    {
        var model = Build(segment, limit);
        FileReplacement.Write(path, model.WriteTo);
    }

    private static ModelProto Build(ImageSegment segment, long limit)
    {
        var definition = segment.Classifier.Definition;
        var (input, score, label) = (segment.InputColumnName, definition.ScoreColumnName, definition.PredictedLabelColumnName);
        var graph = new GraphProto { Name = definition.FamilyName };
        graph.Input.Add(Value(
            input, segment.Layout.IsBytes ? TensorProto.Types.DataType.Uint8 : TensorProto.Types.DataType.Float,
            OnnxGraph.Dimensions(segment.Layout)));
        graph.Output.Add(Value(score, TensorProto.Types.DataType.Float, [-1, definition.ClassCount]));
        graph.Output.Add(Value(label, TensorProto.Types.DataType.Int64, [-1]));

        var writer = new FileGraph(graph, [input, score, label], limit);
        var images = segment.Normalizations.Aggregate(writer.Images(input, segment.Layout, reshape: false), writer.Normalize);
        OnnxModel.WriteScores(writer, definition, segment.Classifier.Weights, images, score);
        writer.IndexOfHighest(score, label);

        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = Producer,
            ProducerVersion = typeof(OnnxModelFile).Assembly.GetName().Version!.ToString(),
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        AddMetadata("classes", JsonSerializer.Serialize(definition.Classes.Texts));
        AddMetadata("architecture", definition.Architecture);
        AddMetadata("input", Describe(segment));
        return model;

        void AddMetadata(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static string Describe(ImageSegment segment)
    {
        var order = segment.Layout.Interleaved ? "[N, height, width, channels]" : "[N, channels, height, width]";
        bool normalizes = segment.Normalizations.Count > 0 || segment.Classifier.Definition.Normalization != ChannelNormalization.None;
        return $"{order}, {(segment.Layout.IsBytes ? "bytes 0 to 255" : "floats")}, {(normalizes ? "normalized by the graph" : "taken as they are")}";
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, long[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (long size in dimensions)
            shape.Dim.Add(size < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = BatchDimension }
                : new TensorShapeProto.Types.Dimension { DimValue = size });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
