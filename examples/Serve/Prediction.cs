using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ImageScoring;
using Prometheus;

namespace ServeImages;

/// <summary>Answers POST /predict and POST /explain.</summary>
internal sealed class Prediction(CurrentModel current, ServeOptions options, ServiceMetrics metrics, ILogger<Prediction> log) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    // Decoding takes the cores and, for a large image, hundreds of megabytes: as many at once as there are cores.
    private readonly SemaphoreSlim _decoding = new(Environment.ProcessorCount);

    /// <summary>The scores of one image or several.</summary>
    public Task<IResult> PredictAsync(HttpContext context) => AnswerAsync(context, async () =>
    {
        int? top = Top(context.Request);
        var images = await ReceiveAsync(context);
        var answers = await WithinTimeAsync(
            context, StatusCodes.Status503ServiceUnavailable, "The images could not be scored in time", cancellation => ScoreAsync(images, top, cancellation));
        return Results.Json(new { predictions = answers }, Json);
    });

    /// <summary>Where the model sees its best class in an image, as a PNG file.</summary>
    public Task<IResult> ExplainAsync(HttpContext context) => AnswerAsync(context, async () =>
    {
        var images = await ReceiveAsync(context);
        if (images.Length > 1)
            throw new RefusedException(StatusCodes.Status400BadRequest, $"The form has {images.Length} files; one image at a time is explained.");
        var file = await WithinTimeAsync(
            context, StatusCodes.Status503ServiceUnavailable, "The image could not be explained in time", cancellation => ExplainAsync(images[0], cancellation));
        return Results.Bytes(file, "image/png");
    });

    public void Dispose() => _decoding.Dispose();

    private async Task<IResult> AnswerAsync(HttpContext context, Func<Task<IResult>> answer)
    {
        long start = Stopwatch.GetTimestamp();
        metrics.Accepted.Inc();
        using var inProgress = metrics.InProgress.TrackInProgress();
        var (status, result) = await TryAnswerAsync(context, answer);
        metrics.Duration.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);
        metrics.Requests.WithLabels(status.ToString(CultureInfo.InvariantCulture)).Inc();
        return result;
    }

    private async Task<(int Status, IResult Result)> TryAnswerAsync(HttpContext context, Func<Task<IResult>> answer)
    {
        try
        {
            return (StatusCodes.Status200OK, await answer());
        }
        catch (RefusedException e)
        {
            return (e.Status, Problem.Of(e));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return (StatusCodes.Status499ClientClosedRequest, Results.Empty);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            log.LogError(e, "A request failed.");
            return (StatusCodes.Status500InternalServerError, Results.Problem("The images could not be scored.", statusCode: StatusCodes.Status500InternalServerError));
        }
    }

    private Task<SentImage[]> ReceiveAsync(HttpContext context) => WithinTimeAsync(
        context, StatusCodes.Status408RequestTimeout, "The body did not come in time", cancellation => Uploads.ReadAsync(context.Request, options, cancellation));

    private async Task<T> WithinTimeAsync<T>(HttpContext context, int status, string what, Func<CancellationToken, Task<T>> work)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(options.Timeout);
        try
        {
            return await work(patience.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RefusedException(status, $"{what} ({options.Timeout.TotalSeconds:0.###} s).");
        }
    }

    /// <summary>A bad image among others has its reason in its place; where all are bad the request is refused.</summary>
    private async Task<Answer[]> ScoreAsync(SentImage[] images, int? top, CancellationToken cancellation)
    {
        var model = current.Borrow();
        try
        {
            var answers = await Task.WhenAll(images.Select(image => ScoreAsync(model, image, top, cancellation)));
            if (Array.Find(answers, answer => answer.Error is null) is null)
                throw new RefusedException(
                    StatusCodes.Status422UnprocessableEntity,
                    answers.Length == 1 ? answers[0].Error! : string.Join(' ', answers.Select((answer, index) => $"{index + 1}: {answer.Error}")));
            return answers;
        }
        finally
        {
            model.Return();
        }
    }

    private async Task<Answer> ScoreAsync(ServedModel model, SentImage image, int? top, CancellationToken cancellation)
    {
        string? name = image.Name.Length > 0 ? image.Name : null;
        try
        {
            var ready = await DecodeAsync(model.Model, image.File, cancellation);
            var scores = await model.Scorer.ScoreAsync(ready).WaitAsync(cancellation);
            var guesses = Guess.Best(model.Model.ClassNames, scores, top ?? scores.Length);
            return new Answer(name, guesses[0].Label, guesses[0].Score, guesses, null);
        }
        catch (InvalidDataException e)
        {
            return new Answer(name, null, null, null, e.Message);
        }
    }

    private async Task<byte[]> ExplainAsync(SentImage image, CancellationToken cancellation)
    {
        var model = current.Borrow();
        try
        {
            var ready = await DecodeAsync(model.Model, image.File, cancellation);
            return await model.Scorer.ExplainAsync(ready).WaitAsync(cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new RefusedException(StatusCodes.Status422UnprocessableEntity, e.Message, e);
        }
        catch (NotSupportedException e)
        {
            throw new RefusedException(StatusCodes.Status501NotImplemented, e.Message, e);
        }
        finally
        {
            model.Return();
        }
    }

    private async Task<ReadyImage> DecodeAsync(ImageModel model, byte[] file, CancellationToken cancellation)
    {
        await _decoding.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => model.Read(file), cancellation);
        }
        finally
        {
            _decoding.Release();
        }
    }

    private static int? Top(HttpRequest request)
    {
        if (!request.Query.TryGetValue("top", out var text))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int top) && top >= 1
            ? top
            : throw new RefusedException(StatusCodes.Status400BadRequest, $"The query's top is '{text}'; it must be a whole number of at least 1.");
    }

    /// <summary>What is said of an image: its best class, and all scores from the best on; or why there is nothing to say.</summary>
    private sealed record Answer(string? File, string? Label, float? Score, Guess[]? Scores, string? Error);
}
