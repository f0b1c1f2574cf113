namespace MlNet.ImageClassification.Tests;

/// <summary>The weights of <see cref="TinyWeights"/> as published ones, in a file that is there already.</summary>
internal sealed class TinyPublished : IWeightsSource
{
    private static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", "tiny8.pth");

    public static ChannelNormalization Normalization { get; } = new([1, 2, 3], [4, 5, 6]);

    public static PretrainedWeights Weights() => new(new TinyPublished(), new TinyFamily())
    {
        Name = "tiny",
        Architecture = "tiny8",
        Origin = Path,
        Sha256 = "",
        License = "MIT",
        Normalization = Normalization,
        ImageSize = TinyImages.Side,
    };

    /// <summary>On the device of the tests in float32.</summary>
    public static FeaturizeImagesOptions Options() => new() { Device = TestDevice.Chosen, Precision = ComputePrecision.Float32 };

    public Task<string> FetchAsync(string folder, IProgress<double>? progress, CancellationToken cancellationToken) => Task.FromResult(Path);

    public WeightsFile Open(string path) => WeightsFile.Open(path);
}
