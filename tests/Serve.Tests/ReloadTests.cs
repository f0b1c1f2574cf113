namespace Serve.Tests;

[TestClass]
public sealed class ReloadTests
{
    [TestMethod]
    public async Task A_model_renamed_into_its_place_is_taken_up_and_a_broken_one_is_not()
    {
        using var folder = new TempFolder();
        var path = folder.At("model.zip");
        File.Copy(Models.Small, path);
        await using var service = await RunningService.StartAsync(path);
        var image = await File.ReadAllBytesAsync(Models.Images[0]);

        Replace(path, await File.ReadAllBytesAsync(Models.Pixels));
        await UntilAsync(async () => await SizeAsync(service) == "40 x 40");
        Assert.AreEqual(200, (await service.PostAsync(image)).Status);

        Replace(path, "no model at all"u8.ToArray());
        await UntilAsync(async () => (await service.HealthAsync()).GetProperty("failedReload").ValueKind != System.Text.Json.JsonValueKind.Null);
        Assert.Contains("cannot be loaded", (await service.HealthAsync()).GetProperty("failedReload").GetProperty("reason").GetString()!);
        Assert.AreEqual("40 x 40", await SizeAsync(service));
        Assert.AreEqual(200, (await service.PostAsync(image)).Status);
        Assert.Contains("model_loads_total{result=\"failed\"} 1\n", await service.Client.GetStringAsync("/metrics"));

        Replace(path, await File.ReadAllBytesAsync(Models.Small));
        await UntilAsync(async () => await SizeAsync(service) == "32 x 32");
        Assert.AreEqual(System.Text.Json.JsonValueKind.Null, (await service.HealthAsync()).GetProperty("failedReload").ValueKind);
    }

    [TestMethod]
    public async Task Requests_go_on_while_models_change()
    {
        using var folder = new TempFolder();
        var path = folder.At("model.zip");
        File.Copy(Models.Small, path);
        await using var service = await RunningService.StartAsync(path);
        var image = await File.ReadAllBytesAsync(Models.Images[0]);
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var statuses = new HashSet<int>();
            while (!stop.IsCancellationRequested)
                statuses.Add((await service.PostAsync(image)).Status);
            return statuses;
        })).ToArray();

        foreach (var (model, size) in new[] { (Models.Pixels, "40 x 40"), (Models.Small, "32 x 32"), (Models.Pixels, "40 x 40") })
        {
            Replace(path, await File.ReadAllBytesAsync(model));
            await UntilAsync(async () => await SizeAsync(service) == size);
        }
        await stop.CancelAsync();

        foreach (var statuses in await Task.WhenAll(senders))
            CollectionAssert.AreEqual(new[] { 200 }, statuses.ToArray());
    }

    private static async Task<string?> SizeAsync(RunningService service) =>
        (await service.HealthAsync()).GetProperty("model").GetProperty("imageSize").GetString();

    private static void Replace(string path, byte[] content)
    {
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (int i = 0; i < 3000; i++)
        {
            if (await isSo())
                return;
            await Task.Delay(10);
        }
        Assert.Fail("It has not come about in 30 seconds.");
    }
}
