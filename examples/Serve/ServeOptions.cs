namespace ServeImages;

/// <summary>What the service is told, with its limits.</summary>
internal sealed record ServeOptions
{
    public required string ModelPath { get; init; }

    /// <summary>Where it listens, separated by semicolons.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:5080";

    /// <summary>The most bytes of a request's body.</summary>
    public long MaximumBytes { get; init; } = 10 << 20;

    /// <summary>The most pixels of an image, as its header tells: 4 bytes each while it is decoded.</summary>
    public long MaximumPixels { get; init; } = 40_000_000;

    /// <summary>The most images of a request.</summary>
    public int MaximumImages { get; init; } = 32;

    /// <summary>Requests served at once; one more is refused.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>The most images of a forward pass.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How long a sender may take for its body, and then an image for its scores.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the model file is looked at for a new one.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it goes on accepting requests once it is told to stop, while its health says so.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(1);
}
