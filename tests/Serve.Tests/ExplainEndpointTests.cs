using System.Net.Http.Headers;
using Microsoft.ML;
using MlNet.ImageClassification;
using SkiaSharp;

namespace Serve.Tests;

[TestClass]
public sealed class ExplainEndpointTests
{
    [TestMethod]
    [DataRow("small")]
    [DataRow("pixels")]
    public async Task An_image_gets_the_picture_that_GradCam_draws_of_its_file(string kind)
    {
        string model = kind == "small" ? Models.Small : Models.Pixels;
        await using var service = await RunningService.StartAsync(model);

        using var response = await service.ExplainAsync(Body(await File.ReadAllBytesAsync(Models.Images[3])));

        Assert.AreEqual(200, (int)response.StatusCode);
        Assert.AreEqual("image/png", response.Content.Headers.ContentType!.MediaType);
        using var folder = new TempFolder();
        using var expected = SKBitmap.Decode(Explained(model, Models.Images[3], folder.Path));
        using var actual = SKBitmap.Decode(await response.Content.ReadAsByteArrayAsync());
        Assert.AreEqual((expected.Width, expected.Height), (actual.Width, actual.Height));
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            var (one, other) = (expected.Pixels[i], actual.Pixels[i]);
            Assert.IsTrue(
                Math.Abs(one.Red - other.Red) <= 2 && Math.Abs(one.Green - other.Green) <= 2 && Math.Abs(one.Blue - other.Blue) <= 2,
                $"pixel {i}: {one} and {other}");
        }
    }

    [TestMethod]
    public async Task What_cannot_be_explained_is_refused_with_a_reason()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { MaximumBytes = 20_000 });
        byte[] image = await File.ReadAllBytesAsync(Models.Images[0]);
        using var two = new MultipartFormDataContent { { Body(image), "a", "a.png" }, { Body(image), "b", "b.png" } };

        await RefusedAsync(service, Body("no image"u8.ToArray()), 422, "in no format that can be read");
        await RefusedAsync(service, Body(new byte[20_001]), 413, "");
        await RefusedAsync(service, new StringContent("text"), 415, "The content type is");
        await RefusedAsync(service, two, 400, "The form has 2 files; one image at a time is explained.");
        Assert.AreEqual(200, (await service.PostAsync(image)).Status);
    }

    [TestMethod]
    public async Task An_ONNX_file_is_served_but_explains_nothing()
    {
        await using var service = await RunningService.StartAsync(Models.SmallOnnx);
        byte[] image = await File.ReadAllBytesAsync(Models.Images[0]);

        var scores = Reply.Scores((await service.PostAsync(image)).Predictions.Single());

        var expected = Models.Scores(Models.Small, Models.Images[0])[0];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], scores[i], 1e-4f);
        await RefusedAsync(service, Body(image), 501, "A model in ONNX's format cannot explain what it sees");
    }

    private static async Task RefusedAsync(RunningService service, HttpContent content, int status, string reason)
    {
        using var response = await service.ExplainAsync(content);
        var reply = await Reply.OfAsync(response);
        Assert.AreEqual(status, reply.Status, $"{reply.Json}");
        Assert.Contains(reason, reply.Detail);
    }

    private static ByteArrayContent Body(byte[] file) => new(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    private static string Explained(string model, string file, string folder)
    {
        var mlContext = new MLContext();
        var loaded = mlContext.Model.Load(model, out _);
        using var network = (IDisposable)loaded;
        var scored = loaded.Transform(mlContext.Data.LoadFromEnumerable([new LabeledFile { ImagePath = file }]));
        using var explainer = mlContext.Transforms.GradCam("Explanation", loaded).Fit(scored);
        return explainer.SaveImages(scored, folder).Single();
    }

    private sealed class LabeledFile
    {
        public string ImagePath { get; set; } = "";

        public string ClassName { get; set; } = "";
    }
}
