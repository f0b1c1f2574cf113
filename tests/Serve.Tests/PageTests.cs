using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace Serve.Tests;

/// <summary>The page in a real browser, where the machine has one.</summary>
[TestClass]
public sealed class PageTests
{
    [TestMethod]
    public async Task A_picture_chosen_by_keyboard_or_mouse_gets_its_scores_and_a_bad_one_its_reason()
    {
        await using var service = await RunningService.StartAsync();
        await using var browser = await LaunchAsync();
        await using var page = await browser.NewPageAsync();
        var problems = new List<string>();
        page.Console += (_, message) => problems.Add(message.Message.Text);
        page.PageError += (_, error) => problems.Add(error.Message);
        await page.SetViewportAsync(new ViewPortOptions { Width = 390, Height = 844 });
        await page.GoToAsync(service.Address.ToString());
        await page.WaitForFunctionAsync("() => document.getElementById('model').textContent.includes('32 x 32 pixels, 10 classes')");

        // The first stop of the tab key is the choice of a file; the space bar opens it.
        await page.Keyboard.PressAsync("Tab");
        Assert.AreEqual("file", await page.EvaluateExpressionAsync<string>("document.activeElement.id"));
        await LookAsync(page, "empty");
        await ChooseAsync(page, Models.Images[0]);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('#scores li').length === 10 && !document.getElementById('scores').hidden");
        var expected = Models.Scores(Models.Small, Models.Images[0])[0].Max();
        // The overlay of the best class comes after the scores.
        await page.WaitForFunctionAsync("() => document.getElementById('heat').naturalWidth === 32 && !document.getElementById('explanation').hidden");
        var label = await page.EvaluateExpressionAsync<string>("document.querySelector('#scores .label').textContent");
        Assert.AreEqual(
            $"Where the model sees {label}: red the most, blue the least.",
            await page.EvaluateExpressionAsync<string>("document.getElementById('caption').textContent"));
        Assert.AreEqual($"{(100 * expected).ToString("F1", System.Globalization.CultureInfo.InvariantCulture)} %",
            await page.EvaluateExpressionAsync<string>("document.querySelector('#scores .score').textContent"));

        foreach (var (width, scheme) in new[] { (390, "light"), (390, "dark"), (1280, "light"), (1280, "dark") })
        {
            await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 844 });
            await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme }]);
            Assert.IsLessThanOrEqualTo(width, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
            await LookAsync(page, $"scores-{width}-{scheme}");
        }
        Assert.AreEqual(0, problems.Count, string.Join('\n', problems));

        using var folder = new TempFolder();
        await ChooseAsync(page, folder.Write("bad.png", "no image"));
        await page.WaitForFunctionAsync("() => document.getElementById('status').classList.contains('wrong')");
        Assert.Contains("in no format that can be read", await page.EvaluateExpressionAsync<string>("document.getElementById('status').textContent"));
        Assert.IsTrue(await page.EvaluateExpressionAsync<bool>("document.getElementById('explanation').hidden"));
        await LookAsync(page, "refused");
    }

    [TestMethod]
    public async Task The_page_needs_nothing_from_elsewhere()
    {
        await using var service = await RunningService.StartAsync();

        using var response = await service.Client.GetAsync("/");
        var text = await response.Content.ReadAsStringAsync()
            + await service.Client.GetStringAsync("/page.css") + await service.Client.GetStringAsync("/page.js");

        Assert.DoesNotContain("//", text.Replace("// A file", ""));
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
    }

    private static async Task<IBrowser> LaunchAsync()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Inconclusive("No Chromium is installed.");
        // As root, and in most containers, Chromium's sandbox cannot start.
        return await Puppeteer.LaunchAsync(new LaunchOptions { Headless = true, ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    private static async Task ChooseAsync(IPage page, string file)
    {
        var chooser = page.WaitForFileChooserAsync();
        await page.Keyboard.PressAsync(" ");
        await (await chooser).AcceptAsync(file);
    }

    /// <summary>Keeps a picture of the page where a folder for them is named.</summary>
    private static async Task LookAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("MLNETCNN_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(Path.Combine(folder, $"{name}.png"));
    }
}
