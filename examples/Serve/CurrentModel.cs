using ImageScoring;
using Prometheus;

namespace ServeImages;

/// <summary>The model in use. Another one takes its place between two requests; a request keeps the one it began with.</summary>
internal sealed class CurrentModel(ServeOptions options, ServiceMetrics metrics, ILogger<CurrentModel> log) : IDisposable
{
    private readonly Lock _lock = new();
    private ServedModel? _model;
    private FileIdentity _tried;
    private Failure? _failure;

    /// <summary>Whether the process was told to stop.</summary>
    public volatile bool IsStopping;

    /// <summary>The model for one request, which gives it back.</summary>
    public ServedModel Borrow()
    {
        lock (_lock)
        {
            _model!.Borrow();
            return _model;
        }
    }

    /// <summary>Loads the file for the first time.</summary>
    /// <exception cref="InvalidDataException">It holds no model that can be used.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Load()
    {
        _tried = FileIdentity.Of(options.ModelPath);
        Use(ServedModel.Load(options, metrics));
    }

    /// <summary>Takes up the file if it is another one than before. One that cannot be used leaves the model as it is.</summary>
    public void Refresh()
    {
        var identity = FileIdentity.Of(options.ModelPath);
        if (identity == _tried)
            return;
        _tried = identity;
        try
        {
            Use(ServedModel.Load(options, metrics));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            metrics.Reloads.WithLabels("failed").Inc();
            _failure = new Failure(DateTimeOffset.UtcNow, e.Message);
            log.LogError("The new model file cannot be used, and the one loaded before stays in use: {Reason}", e.Message);
        }
    }

    /// <summary>200 where requests are served; 503 once the process was told to stop.</summary>
    public IResult Health()
    {
        var model = Borrow();
        try
        {
            return Results.Json(
                new
                {
                    status = IsStopping ? "stopping" : "ok",
                    model = new
                    {
                        file = Path.GetFileName(options.ModelPath),
                        architecture = model.Model.Architecture,
                        imageSize = model.Model.ImageSize,
                        classes = model.Model.ClassNames,
                        loadedAt = model.LoadedAt,
                    },
                    failedReload = _failure,
                },
                statusCode: IsStopping ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        }
        finally
        {
            model.Return();
        }
    }

    public void Dispose() => _model?.Return();

    private void Use(ServedModel model)
    {
        ServedModel? former;
        lock (_lock)
            (former, _model) = (_model, model);
        _failure = null;
        former?.Return();
        metrics.Reloads.WithLabels("loaded").Inc();
        metrics.LoadedAt.SetToCurrentTimeUtc();
        log.LogInformation(
            "Loaded {Path}: {Architecture}, {Classes} classes, images of {Size} pixels.",
            options.ModelPath, model.Model.Architecture, model.Model.ClassNames.Count, model.Model.ImageSize);
    }

    private sealed record Failure(DateTimeOffset At, string Reason);

    /// <summary>What tells a file from another one in its place.</summary>
    private readonly record struct FileIdentity(long Length, DateTime Written)
    {
        // A missing file is one of its own kind: it is on its way, or gone, and then the loading says so.
        public static FileIdentity Of(string path) =>
            new FileInfo(path) is { Exists: true } file ? new(file.Length, file.LastWriteTimeUtc) : default;
    }
}

/// <summary>A model and its scoring thread, freed by whoever gives it back last.</summary>
internal sealed class ServedModel
{
    private int _users = 1;

    private ServedModel(ImageModel model, BatchScorer scorer) => (Model, Scorer) = (model, scorer);

    public ImageModel Model { get; }

    public BatchScorer Scorer { get; }

    public DateTimeOffset LoadedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>Loads a model and scores an image with it, so that it is known to work and its network is ready.</summary>
    public static ServedModel Load(ServeOptions options, ServiceMetrics metrics)
    {
        var model = ImageModel.Load(options.ModelPath, options.MaximumPixels);
        var served = new ServedModel(model, new BatchScorer(model, options.BatchSize, metrics));
        try
        {
            served.Scorer.ScoreAsync(model.Read(BlankImage.Png)).GetAwaiter().GetResult();
            return served;
        }
        catch
        {
            served.Return();
            throw;
        }
    }

    public void Borrow() => Interlocked.Increment(ref _users);

    public void Return()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        Scorer.Dispose();
        Model.Dispose();
    }
}

/// <summary>A grey pixel.</summary>
internal static class BlankImage
{
    public static readonly byte[] Png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");
}
