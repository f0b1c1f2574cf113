using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace MlNetCnn.Tests;

/// <summary>What a trainer logs of the network it trains.</summary>
internal static class LoggedTraining
{
    /// <summary>The line about the network, of a training that is canceled once the line is there.</summary>
    public static string Of(ImageClassificationOptions options, Func<MLContext, IEstimator<ImageClassificationTransformer>> create)
    {
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        var lines = new List<string>();
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) =>
        {
            if (!e.Message.Contains("Training "))
                return;
            lines.Add(e.Message);
            source.Cancel();
        };
        var images = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new BlankImage { Label = (uint)(i % 3) }).ToArray());
        Assert.ThrowsExactly<OperationCanceledException>(() => create(ml).Fit(images));
        return lines.Single();
    }

    /// <summary>Large enough for every stem.</summary>
    private sealed class BlankImage
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, 32, 32)]
        public float[] Features { get; set; } = new float[3 * 32 * 32];
    }
}
