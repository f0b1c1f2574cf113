using System.Formats.Tar;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace MlNet.ResNet.Pretrained.Tests;

/// <summary>Features of the ImageNet weights from NuGet for ML.NET's own trainers.</summary>
[TestClass]
public sealed class FeaturizeImagesTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_trainer_of_ML_NET_tells_stripes_from_dots_by_them()
    {
        var (training, test) = (Drawn(0, 12), Drawn(100, 12));
        using var chain = Fit(training, Featurize("Image"));

        Assert.AreEqual(1.0, _ml.MulticlassClassification.Evaluate(chain.Transform(test)).MicroAccuracy);
        Assert.AreEqual("Vector<Single, 512>", chain.GetOutputSchema(test.Schema)["Features"].Type.ToString());
    }

    [TestMethod]
    [FlowerPhotoCondition]
    public void A_trainer_of_ML_NET_tells_sunflowers_from_roses_by_them()
    {
        var photos = Photos("train", 12);
        using var chain = Fit(photos, _ml.Transforms.LoadImageFiles("Pixels", 96, 96, "File"), Featurize("Pixels"));
        // By chance half of the 24 would be right.
        Assert.IsGreaterThan(0.8, _ml.MulticlassClassification.Evaluate(chain.Transform(Photos("val", 12))).MicroAccuracy);
    }

    private TransformerChain<ITransformer> Fit(IDataView training, params IEstimator<ITransformer>[] before)
    {
        var chain = new EstimatorChain<ITransformer>();
        foreach (var estimator in before)
            chain = chain.Append(estimator);
        return chain.AppendCacheCheckpoint(_ml)
            .Append<ITransformer>(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Fit(training);
    }

    private FeaturizeImagesEstimator Featurize(string images) => _ml.Transforms.FeaturizeImages(
        "Features", NuGetWeights.ResNet18ImageNet, images, new() { Device = ComputeDevice.Cpu, Precision = ComputePrecision.Float32 });

    /// <summary>Images in turn of stripes and of dots, each with a width, a shift and a color of its own.</summary>
    private IDataView Drawn(int first, int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(first, count).Select(index =>
    {
        var random = new Random(index);
        var (width, shift, color) = (random.Next(4, 9), random.Next(8), new[] { random.Next(100, 256), random.Next(100, 256), random.Next(100, 256) });
        var image = new byte[3 * 64 * 64];
        for (int i = 0; i < image.Length; i++)
        {
            int across = (i % 64 + shift) / width % 2, down = (i / 64 % 64 + shift) / width % 2;
            image[i] = (byte)(random.Next(20) + (index % 2 == 0 ? across : across * down) * (color[i / 4096] - 20));
        }
        return new Drawing { Label = (uint)(index % 2) + 1, Image = image };
    }).ToArray());

    private IDataView Photos(string part, int ofEach)
    {
        string[] classes = ["roses", "sunflowers"];
        var photos = new List<Photo>();
        using var tar = new TarReader(File.OpenRead(FlowerPhoto.Archive));
        while (tar.GetNextEntry() is { } entry)
        {
            int index = Array.FindIndex(classes, name => entry.Name.Contains($"/{part}/{name}/", StringComparison.Ordinal));
            if (index < 0 || entry.Length == 0 || photos.Count(photo => photo.Label == index + 1) == ofEach)
                continue;
            var content = new byte[entry.Length];
            entry.DataStream!.ReadExactly(content);
            photos.Add(new Photo { Label = (uint)index + 1, File = content });
        }
        Assert.HasCount(2 * ofEach, photos);
        return _ml.Data.LoadFromEnumerable(photos);
    }

    private sealed class Drawing
    {
        [KeyType(2)]
        public uint Label { get; set; }

        [VectorType(3, 64, 64)]
        public byte[] Image { get; set; } = [];
    }

    private sealed class Photo
    {
        [KeyType(2)]
        public uint Label { get; set; }

        public byte[] File { get; set; } = [];
    }
}
