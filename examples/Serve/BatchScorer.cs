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
    public Task<float[]> ScoreAsync(ReadyImage image)
    {
        var job = new Job(image);
        _metrics.Waiting.Inc();
        _jobs.Add(job);
        return job.Scores.Task;
    }

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
            Score(batch);
            batch.Clear();
        }
    }

    private void Score(List<Job> batch)
    {
        try
        {
            long start = Stopwatch.GetTimestamp();
            var scores = _model.Score(batch.ConvertAll(job => job.Image));
            _metrics.PassDuration.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);
            _metrics.BatchSize.Observe(batch.Count);
            for (int i = 0; i < batch.Count; i++)
                batch[i].Scores.SetResult(scores[i]);
        }
        catch (Exception e)
        {
            // Whoever waits is told; the thread goes on.
            foreach (var job in batch)
                job.Scores.TrySetException(e);
        }
    }

    private sealed record Job(ReadyImage Image)
    {
        public TaskCompletionSource<float[]> Scores { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
