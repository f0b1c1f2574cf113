using System.Net.Sockets;
using System.Text;
using SkiaSharp;

namespace Serve.Tests;

[TestClass]
public sealed class HostileBodyTests
{
    private const string Unfinished = "POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\nabc";

    [TestMethod]
    public async Task A_body_that_is_no_usable_image_is_refused_with_a_reason()
    {
        await using var service = await RunningService.StartAsync();

        foreach (var (name, body) in HostileImages.Unusable(await File.ReadAllBytesAsync(Models.Images[0])))
        {
            var reply = await service.PostAsync(body);

            Assert.AreEqual(422, reply.Status, name);
            Assert.AreEqual("application/problem+json", reply.Type, name);
            Assert.IsGreaterThan(10, reply.Detail.Length, name);
        }
        await AssertServesAsync(service);
    }

    [TestMethod]
    public async Task Images_of_too_many_pixels_are_refused_by_their_header()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { MaximumPixels = 1024 });

        // 32 x 32 pixels are the most; the pixels of the other are never looked at.
        Assert.AreEqual(200, (await service.PostAsync(await File.ReadAllBytesAsync(Models.Images[0]))).Status);
        var refused = await service.PostAsync(HostileImages.Png(50_000, 50_000, []));
        Assert.AreEqual(422, refused.Status);
        Assert.AreEqual("It is 50,000 x 50,000 pixels; at most 1,024 pixels in all are accepted.", refused.Detail);
    }

    [TestMethod]
    public async Task Damaged_images_are_scored_or_refused_and_never_break_the_service()
    {
        await using var service = await RunningService.StartAsync();
        var random = new Random(1);
        int rounds = int.Parse(Environment.GetEnvironmentVariable("MLNETCNN_HOSTILE_BODIES") ?? "40");
        var statuses = new Dictionary<int, int>();

        for (int i = 0; i < rounds; i++)
        {
            byte[] png = await File.ReadAllBytesAsync(Models.Images[i % Models.Images.Length]);
            var reply = await service.PostAsync(Damage.Of(i % 2 == 0 ? png : Jpeg(png), random));

            statuses[reply.Status] = statuses.GetValueOrDefault(reply.Status) + 1;
            Assert.IsTrue(reply.Status is 200 or 422 || (reply.Status == 400 && reply.Detail.StartsWith("The body is empty", StringComparison.Ordinal)), $"{reply}");
        }
        Console.WriteLine(string.Join(", ", statuses.Select(status => $"{status.Value} x {status.Key}")));
        // PNG has checksums, so that damage shows; JPEG has none.
        Assert.IsGreaterThan(0, statuses.GetValueOrDefault(422));
        Assert.IsGreaterThan(0, statuses.GetValueOrDefault(200));
        await AssertServesAsync(service);
    }

    [TestMethod]
    [DataRow("text/plain", "The content type is 'text/plain'; send an image")]
    [DataRow("application/json", "The content type is 'application/json'; send an image")]
    [DataRow("application/x-www-form-urlencoded", "The content type is 'application/x-www-form-urlencoded'; send an image")]
    [DataRow(null, "The content type is missing; send an image")]
    public async Task Another_content_type_is_refused(string? type, string reason)
    {
        await using var service = await RunningService.StartAsync();

        var reply = await service.PostAsync(await File.ReadAllBytesAsync(Models.Images[0]), type);

        Assert.AreEqual(415, reply.Status);
        Assert.StartsWith(reason, reply.Detail);
    }

    [TestMethod]
    public async Task A_body_over_the_limit_is_refused_whether_its_length_is_told_or_not()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { MaximumBytes = 10_000 });
        var large = new byte[20_000];

        var told = await service.PostAsync(large);
        using var untold = new StreamContent(new UnknownLength(large));
        untold.Headers.ContentType = new("image/png");
        var chunked = await service.PostAsync(untold);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(large), "image", "large.png" } };
        var inForm = await service.PostAsync(form);

        foreach (var reply in new[] { told, chunked, inForm })
        {
            Assert.AreEqual(413, reply.Status);
            Assert.AreEqual("The body is larger than the 10,000 bytes that are accepted.", reply.Detail);
        }
        await AssertServesAsync(service);
    }

    [TestMethod]
    [DataRow("multipart/form-data", "x")]
    [DataRow("multipart/form-data; boundary=b", "no part at all")]
    [DataRow("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.png\"\r\n\r\nno end")]
    [DataRow("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na value\r\n--b--\r\n")]
    [DataRow("multipart/form-data; boundary=b", "--b--\r\n")]
    [DataRow("image/png", "")]
    public async Task A_form_that_is_malformed_or_without_a_file_is_refused(string type, string body)
    {
        await using var service = await RunningService.StartAsync();

        var reply = await service.PostAsync(Encoding.ASCII.GetBytes(body), type);

        Assert.AreEqual(400, reply.Status, $"{reply}");
        Assert.AreEqual("application/problem+json", reply.Type);
    }

    [TestMethod]
    public async Task A_form_of_more_files_than_accepted_is_refused()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { MaximumImages = 2 });
        using var form = PredictEndpointTests.Form(Models.Images[..3]);

        var reply = await service.PostAsync(form);

        Assert.AreEqual(413, reply.Status);
        Assert.Contains("at most 2", reply.Detail);
    }

    [TestMethod]
    public async Task A_slow_sender_is_told_so()
    {
        await using var service = await RunningService.StartAsync(change: options => options with { Timeout = TimeSpan.FromMilliseconds(300) });

        using var slow = await SendAsync(service, Unfinished);

        var answer = await ReadAsync(slow);
        Assert.StartsWith("HTTP/1.1 408 ", answer);
        Assert.Contains("The body did not come in time (0.3 s).", answer);
    }

    [TestMethod]
    public async Task One_request_more_than_are_served_at_once_is_refused()
    {
        await using var service = await RunningService.StartAsync(
            change: options => options with { Timeout = TimeSpan.FromMinutes(5), Concurrency = 1 });
        using (await SendAsync(service, Unfinished))
        {
            while (await service.MetricAsync("predict_requests_in_progress") < 1)
                await Task.Delay(10);
            var refused = await service.PostAsync(await File.ReadAllBytesAsync(Models.Images[0]));

            Assert.AreEqual(429, refused.Status);
            Assert.AreEqual("As many requests as are served at once (1) are being served; try again in a moment.", refused.Detail);
        }
        await AssertServesAsync(service);
    }

    [TestMethod]
    public async Task Senders_that_hang_up_leave_the_service_as_it_was()
    {
        await using var service = await RunningService.StartAsync();
        for (int i = 0; i < 20; i++)
            using (await SendAsync(service, Unfinished))
            {
            }

        await AssertServesAsync(service);
        while (await service.MetricAsync("predict_requests_in_progress") > 0)
            await Task.Delay(10);
    }

    [TestMethod]
    [DataRow("GET", "/predict", 405)]
    [DataRow("POST", "/health", 405)]
    [DataRow("GET", "/../../etc/passwd", 404)]
    [DataRow("GET", "/page.html", 404)]
    public async Task Other_addresses_and_methods_are_refused_as_problems(string method, string path, int status)
    {
        await using var service = await RunningService.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await service.Client.SendAsync(request);

        Assert.AreEqual(status, (int)response.StatusCode);
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    private static byte[] Jpeg(byte[] png)
    {
        using var image = SKImage.FromEncodedData(png);
        using var jpeg = image.Encode(SKEncodedImageFormat.Jpeg, 90);
        return jpeg.ToArray();
    }

    private static async Task AssertServesAsync(RunningService service)
    {
        // A place that another request held is free once its answer is written.
        Reply reply;
        do
            reply = await service.PostAsync(await File.ReadAllBytesAsync(Models.Images[0]));
        while (reply.Status == 429);
        Assert.AreEqual(200, reply.Status);
    }

    private static async Task<TcpClient> SendAsync(RunningService service, string text)
    {
        var client = new TcpClient();
        await client.ConnectAsync(service.Address.Host, service.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("in time"))
        {
            int read = await client.GetStream().ReadAsync(buffer);
            if (read == 0)
                break;
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        return text.ToString();
    }

    /// <summary>A stream whose length is not known, so that the body goes out in chunks.</summary>
    private sealed class UnknownLength(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
