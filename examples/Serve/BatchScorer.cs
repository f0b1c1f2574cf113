using System.Collections.Concurrent;
using System.Diagnostics;
using ImageScoring;

namespace ServeImages;

/// <summary>
/// Scores images of several requests together: while a forward pass runs, the images that come wait, and the next pass takes them
/// all. So a lone image is never held up, and under load a pass has many.
/// </summary>
/// <remarks>One thread of its own scores, as LibTorch keeps a pool of threads for every thread that computes.</remarks>
internal sealed class BatchScorer : IDisposable
{
    private readonly ImageModel _model;
    private readonly int _batchSize;
    private readonly ServiceMetrics _metrics;
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Thread _thread;

    public BatchScorer(ImageModel model, int batchSize, ServiceMetrics metrics)
    {
        (_model, _batchSize, _metrics) = (model, batchSize, metrics);
        _thread = new Thread(Run) { Name = "Scoring", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The scores of an image, once its forward pass is done.</summary>
    public Task<float[]> ScoreAsync(ReadyImage image) => Add(new Job<float[]>(image));

    /// <summary>Where in an image the model sees its class, as a PNG file.</summary>
    public Task<byte[]> ExplainAsync(ReadyImage image) => Add(new Job<byte[]>(image));

    /// <summary>Scores what waits, then ends the thread.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
    }

    private void Run()
    {
        var batch = new List<Job>();
        foreach (var first in _jobs.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < _batchSize && _jobs.TryTake(out var next))
                batch.Add(next);
            _metrics.Waiting.Dec(batch.Count);
            Answer(batch.OfType<Job<float[]>>(), Score);
            Answer(batch.OfType<Job<byte[]>>(), _model.Explain);
            batch.Clear();
        }
    }

    private Task<T> Add<T>(Job<T> job)
    {
        _metrics.Waiting.Inc();
        _jobs.Add(job);
        return job.Answer.Task;
    }

    private float[][] Score(IReadOnlyList<ReadyImage> images)
    {
        long start = Stopwatch.GetTimestamp();
        var scores = _model.Score(images);
        _metrics.PassDuration.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);
        _metrics.BatchSize.Observe(images.Count);
        return scores;
    }

    private static void Answer<T>(IEnumerable<Job<T>> wanted, Func<IReadOnlyList<ReadyImage>, T[]> compute)
    {
        Job<T>[] jobs = [.. wanted];
        if (jobs.Length == 0)
            return;
        try
        {
            var answers = compute(Array.ConvertAll(jobs, job => job.Image));
            for (int i = 0; i < jobs.Length; i++)
                jobs[i].Answer.SetResult(answers[i]);
        }
        catch (Exception e)
        {
            // Whoever waits is told; the thread goes on.
            foreach (var job in jobs)
                job.Answer.TrySetException(e);
        }
    }

    private abstract record Job(ReadyImage Image);

    /// <summary>What is asked of an image goes by the type of the answer: scores, or a file.</summary>
    private sealed record Job<T>(ReadyImage Image) : Job(Image)
    {
        public TaskCompletionSource<T> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
