using System.Net.Http.Headers;

namespace Serve.Tests;

[TestClass]
public sealed class PredictEndpointTests
{
    private const float Tolerance = 1e-5f;

    [TestMethod]
    [DataRow("small")]
    [DataRow("pixels")]
    public async Task An_image_gets_the_scores_that_the_saved_model_gives_its_file(string kind)
    {
        var model = kind == "small" ? Models.Small : Models.Pixels;
        await using var service = await RunningService.StartAsync(model);

        var reply = await service.PostAsync(await File.ReadAllBytesAsync(Models.Images[3]), "image/png");

        Assert.AreEqual(200, reply.Status, $"{reply.Json}");
        var expected = Models.Scores(model, Models.Images[3])[0];
        var prediction = reply.Predictions.Single();
        AssertClose(expected, Reply.Scores(prediction));
        Assert.AreEqual(expected.Max(), prediction.GetProperty("score").GetSingle(), Tolerance);
        Assert.AreEqual(
            prediction.GetProperty("scores")[0].GetProperty("label").GetString(), prediction.GetProperty("label").GetString());
    }

    [TestMethod]
    public async Task Several_images_of_a_form_are_answered_in_their_order_and_a_bad_one_in_its_place()
    {
        await using var service = await RunningService.StartAsync();
        using var form = Form(Models.Images[0], Models.Images[1]);
        form.Add(new ByteArrayContent("no image"u8.ToArray()), "images", "notes.txt");

        var predictions = (await service.PostAsync(form)).Predictions;

        var expected = Models.Scores(Models.Small, Models.Images[..2]);
        AssertClose(expected[0], Reply.Scores(predictions[0]));
        AssertClose(expected[1], Reply.Scores(predictions[1]));
        Assert.AreEqual(Path.GetFileName(Models.Images[0]), predictions[0].GetProperty("file").GetString());
        Assert.Contains("in no format that can be read", predictions[2].GetProperty("error").GetString()!);
        Assert.IsFalse(predictions[2].TryGetProperty("label", out _));
    }

    [TestMethod]
    public async Task Requests_at_once_share_forward_passes_and_get_each_its_own_scores()
    {
        await using var service = await RunningService.StartAsync();
        var files = Models.Images;
        // One pass of the warm-up.
        var before = await service.MetricAsync("predict_batch_size_count");

        var replies = await Task.WhenAll(files.Select(async file => await service.PostAsync(await File.ReadAllBytesAsync(file))));

        var expected = Models.Scores(Models.Small, files);
        for (int i = 0; i < files.Length; i++)
            AssertClose(expected[i], Reply.Scores(replies[i].Predictions[0]));
        Assert.AreEqual(files.Length, await service.MetricAsync("predict_batch_size_sum") - before);
        Assert.IsLessThanOrEqualTo(files.Length, await service.MetricAsync("predict_batch_size_count") - before);
    }

    [TestMethod]
    public async Task Top_limits_the_scores()
    {
        await using var service = await RunningService.StartAsync();
        var image = await File.ReadAllBytesAsync(Models.Images[0]);

        Assert.AreEqual(3, (await service.PostAsync(image, query: "?top=3")).Predictions[0].GetProperty("scores").GetArrayLength());
        Assert.AreEqual(10, (await service.PostAsync(image)).Predictions[0].GetProperty("scores").GetArrayLength());
        var refused = await service.PostAsync(image, query: "?top=none");
        Assert.AreEqual(400, refused.Status);
        Assert.AreEqual("The query's top is 'none'; it must be a whole number of at least 1.", refused.Detail);
    }

    [TestMethod]
    public async Task Health_and_metrics_tell_the_model_and_the_answers()
    {
        await using var service = await RunningService.StartAsync();
        await service.PostAsync(await File.ReadAllBytesAsync(Models.Images[0]));
        await service.PostAsync([1, 2, 3]);

        var health = await service.HealthAsync();
        var metrics = await service.Client.GetStringAsync("/metrics");

        Assert.AreEqual("ok", health.GetProperty("status").GetString());
        Assert.AreEqual("32 x 32", health.GetProperty("model").GetProperty("imageSize").GetString());
        Assert.AreEqual(10, health.GetProperty("model").GetProperty("classes").GetArrayLength());
        Assert.Contains("predict_requests_total{status=\"200\"} 1\n", metrics);
        Assert.Contains("predict_requests_total{status=\"422\"} 1\n", metrics);
        Assert.Contains("model_loads_total{result=\"loaded\"} 1\n", metrics);
    }

    internal static MultipartFormDataContent Form(params string[] files)
    {
        var form = new MultipartFormDataContent();
        foreach (var file in files)
        {
            var part = new ByteArrayContent(File.ReadAllBytes(file));
            part.Headers.ContentType = new MediaTypeHeaderValue("image/png");
            form.Add(part, "images", Path.GetFileName(file));
        }
        return form;
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], Tolerance);
    }
}
