using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MlNet.Onnx.Tests;

/// <summary>ONNX Runtime with a model loaded.</summary>
internal sealed class Session(string path) : IDisposable
{
    private readonly InferenceSession _session = new(path, new SessionOptions { IntraOpNumThreads = 1 });

    public InferenceSession Model => _session;

    /// <summary>Scores images that lie one behind the other.</summary>
    public (float[] Scores, T[] Labels) Run<TPixel, T>(string input, TPixel[] pixels, string scores = "Score", string labels = "PredictedLabel",
        params NamedOnnxValue[] others)
    {
        int[] dimensions = [.. _session.InputMetadata[input].Dimensions];
        dimensions[0] = pixels.Length / dimensions[1..].Aggregate((a, b) => a * b);
        using var results = _session.Run(
            [NamedOnnxValue.CreateFromTensor(input, new DenseTensor<TPixel>(pixels, dimensions)), .. others], [scores, labels]);
        return ([.. results[0].AsEnumerable<float>()], [.. results[1].AsEnumerable<T>()]);
    }

    public void Dispose() => _session.Dispose();
}
