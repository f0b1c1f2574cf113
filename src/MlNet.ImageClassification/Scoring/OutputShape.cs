using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>Schema propagation of a trainer: checks the shape of the input and promises that of the output.</summary>
internal static class OutputShape
{
    public static SchemaShape Of(SchemaShape input, ImageClassificationOptions options)
    {
        ImageLayout.Check(SchemaShapes.Find(input, options.FeatureColumnName, "features"));
        var label = SchemaShapes.Find(input, options.LabelColumnName, "label");
        if (!label.IsKey || label.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw new InvalidOperationException(
                $"Label column '{options.LabelColumnName}' is {SchemaShapes.Describe(label)}; expected a key. " +
                $"Put mlContext.Transforms.Conversion.MapValueToKey(\"{options.LabelColumnName}\") before the trainer.");

        var outputs = SchemaShapes.Of(ScoreColumns.AddTo(
            NoColumns(), 2, KeyNames.ExampleOf(label), options.ScoreColumnName, options.PredictedLabelColumnName));
        return SchemaShapes.Append(input, outputs);
    }

    private static DataViewSchema NoColumns() => new DataViewSchema.Builder().ToSchema();
}
