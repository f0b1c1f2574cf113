using System.Diagnostics;
using System.Net.Http.Headers;

namespace Serve.Tests;

/// <summary>The service as a process of its own, as a user starts and stops it.</summary>
[TestClass]
public sealed class ShutdownTests
{
    private const int Senders = 16;

    [TestMethod]
    public async Task Told_to_stop_under_load_it_answers_every_request_that_it_accepted_and_ends_well()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows has no SIGTERM.");
        using var process = Start("--model", Models.Small, "--urls", "http://127.0.0.1:0");
        var (address, output) = Listening(process);
        var image = await File.ReadAllBytesAsync(Models.Images[0]);
        using var client = new HttpClient { BaseAddress = address };
        int answered = 0;
        var senders = Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var content = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
                    using var response = await client.PostAsync("/predict", content);
                    Assert.AreEqual(200, (int)response.StatusCode);
                    Interlocked.Increment(ref answered);
                }
            }
            catch (HttpRequestException)
            {
                // Nobody is there any more. What had reached the service counts below.
            }
        })).ToArray();

        while (Volatile.Read(ref answered) < 4 * Senders)
            await Task.Delay(1);
        ChildProcess.Run("kill", "-TERM", $"{process.Id}");
        await Task.WhenAll(senders);
        await process.WaitForExitAsync();

        Assert.AreEqual(0, process.ExitCode);
        Assert.Contains($"Stopped: {answered} requests were accepted, {answered} answered.", await output);
    }

    [TestMethod]
    [DataRow("nowhere.zip", "nowhere.zip")]
    [DataRow("text.zip", "cannot be loaded")]
    public void A_model_that_cannot_be_loaded_ends_it_with_a_line(string name, string reason)
    {
        using var folder = new TempFolder();
        folder.Write("text.zip", "no model");
        using var process = Start("--model", folder.At(name), "--urls", "http://127.0.0.1:0");

        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.AreEqual(1, process.ExitCode);
        Assert.StartsWith("error: ", errors);
        Assert.Contains(reason, errors);
        Assert.HasCount(1, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Serve.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static (Uri Address, Task<string> Output) Listening(Process process)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            int place = line.IndexOf("http://", StringComparison.Ordinal);
            if (line.Contains("Now listening on", StringComparison.Ordinal) && place >= 0)
            {
                _ = process.StandardError.ReadToEndAsync();
                return (new Uri(line[place..].Trim()), process.StandardOutput.ReadToEndAsync());
            }
        }
        throw new InvalidOperationException(process.StandardError.ReadToEnd());
    }
}
