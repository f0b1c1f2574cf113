using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using ServeImages;

namespace Serve.Tests;

/// <summary>The service on a port of its own, in this process, behind its real server.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = Address };
    }

    public HttpClient Client { get; }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<RunningService> StartAsync(string? model = null, Func<ServeOptions, ServeOptions>? change = null)
    {
        var options = new ServeOptions
        {
            ModelPath = model ?? Models.Small, Urls = "http://127.0.0.1:0", Drain = TimeSpan.Zero, ReloadInterval = TimeSpan.FromMilliseconds(20),
        };
        var app = ImageService.Build(change?.Invoke(options) ?? options);
        await app.StartAsync();
        return new RunningService(app);
    }

    /// <summary>Posts a body.</summary>
    public async Task<Reply> PostAsync(HttpContent content, string query = "")
    {
        using var response = await Client.PostAsync($"/predict{query}", content);
        return await Reply.OfAsync(response);
    }

    /// <summary>Posts bytes.</summary>
    public async Task<Reply> PostAsync(byte[] body, string? type = "application/octet-stream", string query = "")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return await PostAsync(content, query);
    }

    /// <summary>Asks where the model sees its class in an image; the answer is a file or a problem.</summary>
    public Task<HttpResponseMessage> ExplainAsync(HttpContent content) => Client.PostAsync("/explain", content);

    public async Task<JsonElement> HealthAsync() => (await Reply.OfAsync(await Client.GetAsync("/health"))).Json;

    /// <summary>The value of a metric without labels.</summary>
    public async Task<double> MetricAsync(string name) => double.Parse(
        (await Client.GetStringAsync("/metrics")).Split('\n').Single(line => line.StartsWith($"{name} ", StringComparison.Ordinal)).Split(' ')[1],
        System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>An answer of the service.</summary>
internal sealed record Reply(int Status, string Type, JsonElement Json)
{
    public string Detail => Json.GetProperty("detail").GetString()!;

    public JsonElement[] Predictions => [.. Json.GetProperty("predictions").EnumerateArray()];

    public static async Task<Reply> OfAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return new Reply((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType!, JsonDocument.Parse(text).RootElement);
    }

    /// <summary>The scores by class, in the model's order of classes.</summary>
    public static float[] Scores(JsonElement prediction) => [.. prediction.GetProperty("scores").EnumerateArray()
        .OrderBy(score => score.GetProperty("label").GetString(), StringComparer.Ordinal).Select(score => score.GetProperty("score").GetSingle())];
}
