using Prometheus;

namespace ServeImages;

/// <summary>What Prometheus is told.</summary>
internal sealed class ServiceMetrics
{
    public ServiceMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        DotNetStats.Register(Registry);
        var metrics = Metrics.WithCustomRegistry(Registry);
        Accepted = metrics.CreateCounter("predict_requests_accepted_total", "Requests to POST /predict and POST /explain that were begun.");
        Requests = metrics.CreateCounter("predict_requests_total", "Answers to POST /predict and POST /explain by status.", "status");
        Duration = metrics.CreateHistogram(
            "predict_duration_seconds", "From a request's header to its answer.", new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 15) });
        InProgress = metrics.CreateGauge("predict_requests_in_progress", "Requests being served.");
        Waiting = metrics.CreateGauge("predict_images_waiting", "Images that wait for a forward pass.");
        BatchSize = metrics.CreateHistogram(
            "predict_batch_size", "Images of a forward pass.", new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1, 2, 8) });
        PassDuration = metrics.CreateHistogram(
            "predict_pass_seconds", "Duration of a forward pass.", new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 14) });
        Reloads = metrics.CreateCounter("model_loads_total", "Loads of the model file by result.", "result");
        LoadedAt = metrics.CreateGauge("model_loaded_timestamp_seconds", "When the model in use was loaded.");
    }

    public CollectorRegistry Registry { get; }

    public Counter Accepted { get; }

    public Counter Requests { get; }

    /// <summary>How many were answered, with any status.</summary>
    public double Answered => Requests.GetAllLabelValues().Sum(labels => Requests.WithLabels(labels).Value);

    public Histogram Duration { get; }

    public Gauge InProgress { get; }

    public Gauge Waiting { get; }

    public Histogram BatchSize { get; }

    public Histogram PassDuration { get; }

    public Counter Reloads { get; }

    public Gauge LoadedAt { get; }
}
