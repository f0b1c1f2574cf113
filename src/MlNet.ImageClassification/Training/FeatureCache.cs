using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>The features of a network's images, computed once, in place of the images: what its classifier alone is trained on.</summary>
internal static class FeatureCache
{
    /// <summary>Computes the features of the training and the validation images.</summary>
    /// <param name="network">The network; left alone.</param>
    /// <param name="data">Its images.</param>
    /// <param name="batchSize">How many pass through at once.</param>
    /// <param name="normalization">What is done to their pixels.</param>
    /// <param name="target">Where the network is and the type it computes in.</param>
    /// <param name="cancellation">Ends the computation.</param>
    /// <returns>The same rows with "images" of 1 x 1 x features.</returns>
    public static TrainingData Of(
        ClassificationNetwork network, TrainingData data, int batchSize, ChannelNormalization normalization, ComputeTarget target,
        CancellationToken cancellation)
    {
        using var fused = new InferenceNetwork(network, target.Device, target.Type);
        using var preprocessing = new Preprocessing(normalization, target.Device);
        var layout = new ImageLayout(new ImageShape(1, 1, network.Classifier.Inputs), Interleaved: false, IsBytes: false);
        return data with
        {
            Layout = layout,
            Training = Compute(data.Training, data.Weights),
            Validation = data.Validation is { } images ? Compute(images, null) : null,
            // Each row's weight has its class's in it by now.
            Weights = data.Weights is null ? null : new ImageWeights([.. Enumerable.Repeat(1.0, data.ClassCount)]),
        };

        ImageCache Compute(ImageSet images, ImageWeights? weights)
        {
            var codec = new PixelCodec(layout);
            var rows = new List<LabeledImage>(images.Count);
            using var loader = new DataLoader(images, batchSize, target.Device, weights);
            foreach (var batch in loader.Pass(shuffleSeed: null, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var (pixels, labels) = batch.To(target.Device);
                byte[] features = fused.Features(preprocessing.Apply(pixels)).cpu().bytes.ToArray();
                long[] classes = labels.cpu().data<long>().ToArray();
                float[]? counts = batch.WeightsTo(CPU)?.data<float>().ToArray();
                for (int i = 0; i < batch.Count; i++)
                    rows.Add(new LabeledImage(
                        codec.Pack(features.AsSpan(i * layout.Bytes, layout.Bytes)), (int)classes[i], default, rows.Count, 0, counts?[i] ?? 1));
                batch.Release();
            }
            return new ImageCache(layout, codec, rows);
        }
    }
}
