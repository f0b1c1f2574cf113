using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class FitTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_trained_network_tells_new_images_apart()
    {
        _ml.Log += (_, e) => { if (e.Source.Contains("ImageClass")) Console.WriteLine(e.Message); };
        long before = TorchSharp.torch.Tensor.TotalCount;
        using (var model = new TinyTrainer(TinyImages.Options(), _ml).Fit(_ml.Keyed(TinyImages.Floats(90))))
        {
            var predictions = _ml.Data.CreateEnumerable<Prediction>(model.Transform(_ml.Keyed(TinyImages.Floats(60, first: 1000))), false).ToArray();
            Console.WriteLine(string.Join(" ", predictions.Take(5).Select(p => $"{p.Id}:{p.PredictedLabel} {string.Join(",", p.Scores)}")));
            Assert.AreEqual(60, predictions.Count(p => p.PredictedLabel == p.Id % 3 + 1));
            using var stream = new MemoryStream();
            _ml.Model.Save(model, null, stream);
            stream.Position = 0;
            var loaded = new MLContext().Model.Load(stream, out _);
            var again = _ml.Data.CreateEnumerable<Prediction>(loaded.Transform(_ml.Keyed(TinyImages.Floats(60, first: 1000))), false).ToArray();
            for (int i = 0; i < 60; i++)
                CollectionAssert.AreEqual(predictions[i].Scores, again[i].Scores);
            ((IDisposable)loaded).Dispose();
        }
        Assert.AreEqual(before, TorchSharp.torch.Tensor.TotalCount);
    }
}
