using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification.Tests.Images;

/// <summary>A model that was trained on image files, used with images that are no files, as docs/images.md shows.</summary>
[TestClass]
public sealed class ImagesInMemoryTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_model_trained_on_paths_scores_file_contents_and_images(bool loadedFromFile)
    {
        using var folder = new TempFolder();
        var files = Files(folder);
        var trained = Train(
            _ml.Transforms.LoadImageFiles("Features", TinyImages.Side, TinyImages.Side, "ImagePath"), files, loadedFromFile);
        var expected = Scores(trained, files);

        var classifier = FromTheClassifierOn(trained);
        var contents = _ml.Transforms.LoadImageFiles("Features", TinyImages.Side, TinyImages.Side, "File")
            .Fit(_ml.Data.LoadFromEnumerable<FileInMemory>([]));
        var images = _ml.Transforms.LoadImageFiles("Features", TinyImages.Side, TinyImages.Side, "Image")
            .Fit(_ml.Data.LoadFromEnumerable<ImageInMemory>([]));
        using var ofContents = _ml.Model.CreatePredictionEngine<FileInMemory, Answer>(
            new TransformerChain<ITransformer>([contents, .. classifier]), new PredictionEngineOptions { OwnsTransformer = false });
        using var ofImages = _ml.Model.CreatePredictionEngine<ImageInMemory, Answer>(
            new TransformerChain<ITransformer>([images, .. classifier]), new PredictionEngineOptions { OwnsTransformer = false });

        for (int i = 0; i < files.Length; i++)
        {
            var file = File.ReadAllBytes(files[i].ImagePath);
            var answer = ofContents.Predict(new FileInMemory { File = file });
            AreNear(expected[i], answer.Score);
            Assert.AreEqual(files[i].Label, answer.PredictedClass);
            using var image = MLImage.CreateFromStream(new MemoryStream(file));
            AreNear(expected[i], ofImages.Predict(new ImageInMemory { Image = image }).Score);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_model_trained_through_the_transforms_of_ML_NET_scores_images(bool loadedFromFile)
    {
        using var folder = new TempFolder();
        var files = Files(folder);
        var preparing = _ml.Transforms.ResizeImages("Image", TinyImages.Side, TinyImages.Side)
            .Append(_ml.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(_ml.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.ImageNet));
        var trained = Train(_ml.Transforms.LoadImages("Image", null, "ImagePath").Append(preparing), files, loadedFromFile);
        var expected = Scores(trained, files);

        var images = preparing.Fit(_ml.Data.LoadFromEnumerable<ImageInMemory>([]));
        using var engine = _ml.Model.CreatePredictionEngine<ImageInMemory, Answer>(
            new TransformerChain<ITransformer>([images, .. FromTheClassifierOn(trained)]));

        for (int i = 0; i < files.Length; i++)
        {
            using var image = MLImage.CreateFromFile(files[i].ImagePath);
            AreNear(expected[i], engine.Predict(new ImageInMemory { Image = image }).Score);
        }
    }

    private static LabeledFile[] Files(TempFolder folder) => [.. Enumerable.Range(0, 30).Select(
        i => new LabeledFile { ImagePath = TinyImages.WriteImage(folder, i), Label = TinyImages.Label(i) })];

    private static ITransformer[] FromTheClassifierOn(ITransformer model) =>
        [.. ((IEnumerable<ITransformer>)model).SkipWhile(part => part is not ImageClassificationTransformer)];

    // A batch and a single row may be computed in another order.
    private static void AreNear(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5f);
    }

    private ITransformer Train(IEstimator<ITransformer> loading, LabeledFile[] files, bool loadedFromFile)
    {
        var data = _ml.Data.LoadFromEnumerable(files);
        ITransformer model = loading
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(new TinyTrainer(TinyImages.Options()))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"))
            .Fit(data);
        using var saved = new MemoryStream();
        _ml.Model.Save(model, data.Schema, saved);
        saved.Position = 0;
        return loadedFromFile ? new MLContext().Model.Load(saved, out _) : model;
    }

    private float[][] Scores(ITransformer model, LabeledFile[] files) =>
        [.. model.Transform(_ml.Data.LoadFromEnumerable(files)).GetColumn<float[]>("Score")];

    private sealed class LabeledFile
    {
        public string ImagePath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class FileInMemory
    {
        public byte[] File { get; set; } = [];
    }

    private sealed class ImageInMemory
    {
        [ImageType(1, 1)]
        public MLImage Image { get; set; } = null!;
    }

    private sealed class Answer
    {
        public float[] Score { get; set; } = [];

        public string PredictedClass { get; set; } = "";
    }
}
