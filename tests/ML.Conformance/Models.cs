using Microsoft.ML;

namespace ML.Conformance;

internal static class Models
{
    /// <summary>Saves a model and loads it into another context.</summary>
    public static ITransformer SaveAndLoad(this MLContext ml, ITransformer model, DataViewSchema inputSchema)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, inputSchema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out _);
    }
}
