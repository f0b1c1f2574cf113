namespace MlNet.ImageClassification;

/// <summary>
/// Weights that somebody trained and published, and what has to be known to start from them
/// (<see cref="ImageClassificationOptions.InitialWeights"/>).
/// </summary>
/// <remarks>
/// Files are kept in the folder that the environment variable <c>MLNETCNN_WEIGHTS</c> names, else in <c>MlNetCnn/weights</c> in the
/// user's folder of local application data.
/// </remarks>
public sealed class PretrainedWeights
{
    private const string CacheVariable = "MLNETCNN_WEIGHTS";

    private readonly IWeightsSource _source;

    internal PretrainedWeights(IWeightsSource source, NetworkFamily family) => (_source, Family) = (source, family);

    /// <summary>What they are called.</summary>
    public required string Name { get; init; }

    /// <summary>The network they are of, as its family writes it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Where they are from: an address, or a package and its version.</summary>
    public required string Origin { get; init; }

    /// <summary>The SHA-256 of the file in lower-case hexadecimal digits, or its first digits where no more are published.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The license they are under, as SPDX names it.</summary>
    public required string License { get; init; }

    /// <summary>What was done to the pixels, 0 to 255 in the order red, green, blue.</summary>
    public required ChannelNormalization Normalization { get; init; }

    /// <summary>Height and width of the images they were trained on.</summary>
    public required int ImageSize { get; init; }

    /// <summary>
    /// The length to which the shorter side of an image was resized before its middle was cropped to <see cref="ImageSize"/> for the
    /// published accuracy; null where nobody tells.
    /// </summary>
    public int? ResizedTo { get; init; }

    /// <summary>The filter of that resizing; null where nobody tells.</summary>
    public string? Interpolation { get; init; }

    /// <summary>The share of the images of ImageNet's validation set that they classify right, as published; null where it is not.</summary>
    public double? Top1Accuracy { get; init; }

    /// <summary>Brings the file to this machine, where it is not there already.</summary>
    /// <param name="folder">The folder to keep it in; null for the cache, from which <c>Fit</c> takes it.</param>
    /// <param name="progress">Receives the share that has arrived, from 0 to 1, where the server tells the size.</param>
    /// <param name="cancellationToken">Stops a download; what has arrived stays for the next call.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="HttpRequestException">The server cannot be reached or refuses; the message says what to do by hand.</exception>
    /// <exception cref="InvalidDataException">Another file arrived or is there already.</exception>
    /// <exception cref="FileNotFoundException">The file should have come with a package, and did not.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public Task<string> DownloadAsync(
        string? folder = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default) =>
        _source.FetchAsync(folder ?? CacheFolder, progress, cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The family of the network they are of.</summary>
    internal NetworkFamily Family { get; }

    /// <summary>Opens the file, which is downloaded first where it is not there.</summary>
    internal WeightsFile Open(TrainingLog log, CancellationToken cancellation)
    {
        var file = _source.Open(DownloadAsync(null, new TenthsLog(Name, log), cancellation).GetAwaiter().GetResult());
        try
        {
            if (!file.Sha256.StartsWith(Sha256, StringComparison.Ordinal))
                throw file.Unusable($"its SHA-256 is {file.Sha256}, but that of '{Name}' is {Sha256}. Delete the file and run again.");
            file.Normalization = Normalization;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string CacheFolder =>
        Environment.GetEnvironmentVariable(CacheVariable) is { Length: > 0 } folder
            ? folder
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "MlNetCnn", "weights");

    /// <summary>Tells the log of every tenth of a download.</summary>
    private sealed class TenthsLog(string name, TrainingLog log) : IProgress<double>
    {
        private int _tenths = -1;

        public void Report(double share)
        {
            int tenths = (int)(10 * share);
            if (tenths <= _tenths)
                return;
            _tenths = tenths;
            log.Info($"Downloading the weights '{name}': {10 * tenths} %.");
        }
    }
}
