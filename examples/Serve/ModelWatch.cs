namespace ServeImages;

/// <summary>
/// Looks at the model file every few seconds. Notifications of the file system would be quicker, but do not come through the
/// mounts and links by which containers get such files.
/// </summary>
internal sealed class ModelWatch(CurrentModel model, ServeOptions options) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.ReloadInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Task.Run(model.Refresh, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }
}
