using System.Net;
using System.Security.Cryptography;
using Cifar10Loader;
using Cifar10Loader.Tests;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

/// <summary>Published weights, from a server on the loopback address.</summary>
[TestClass]
[DoNotParallelize]
public sealed class PretrainedWeightsTests
{
    private const string CacheVariable = "MLNETCNN_WEIGHTS";

    private static readonly byte[] File = System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "tiny8.pth"));

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];
    private readonly TempFolder _folder = new();
    private readonly ArchiveServer _server = new(File);

    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public void UseOwnCache()
    {
        Environment.SetEnvironmentVariable(CacheVariable, _folder.At("cache"));
        _ml.Log += (_, e) => _log.Add(e.Message);
    }

    [TestCleanup]
    public void Clean()
    {
        Environment.SetEnvironmentVariable(CacheVariable, null);
        _server.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void A_training_downloads_its_weights_once_and_says_so()
    {
        using (Fit(Weights()))
        using (Fit(Weights()))
        {
            Assert.HasCount(1, _server.Ranges);
            Assert.Contains(message => message.Contains("Downloading the weights 'tiny': 100 %."), _log);
            Assert.Contains(message => message.Contains("Starting from the weights in 'tiny' ("), _log);
            CollectionAssert.AreEqual(File, System.IO.File.ReadAllBytes(_folder.At("cache", "tiny8.pth")));
        }
    }

    [TestMethod]
    public void Bytes_are_normalized_as_the_weights_expect_and_the_model_keeps_that()
    {
        using var model = new TinyTrainer(Options(Weights()), _ml).Fit(Bytes());
        Assert.AreEqual("mean 1 2 3, deviation 4 5 6", model.Definition.Normalization.ToString());
    }

    [TestMethod]
    public void Floats_stay_as_they_are_and_the_log_tells_what_the_weights_expect()
    {
        using var model = Fit(Weights());
        Assert.AreEqual(ChannelNormalization.None, model.Definition.Normalization);
        Assert.Contains(message => message.Contains("expect pixels of 0 to 255 normalized by mean 1 2 3, deviation 4 5 6"), _log);
    }

    [TestMethod]
    public void A_normalization_that_is_given_is_the_one()
    {
        var options = Options(Weights());
        options.Normalization = ChannelNormalization.ImageNet;
        using var model = new TinyTrainer(options, _ml).Fit(Bytes());
        Assert.AreEqual(ChannelNormalization.ImageNet.ToString(), model.Definition.Normalization.ToString());
    }

    [TestMethod]
    public async Task A_download_goes_on_where_it_broke_off_and_tells_its_progress()
    {
        var shares = new List<double>();
        _server.BreakAfter = File.Length / 2;
        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => DownloadAsync(Weights()));
        _server.BreakAfter = null;

        string path = await Weights().DownloadAsync(_folder.Path, new Direct<double>(shares.Add), TestContext.CancellationToken);

        CollectionAssert.AreEqual(new[] { "", $"bytes={File.Length / 2}-" }, _server.Ranges);
        Assert.AreEqual(1, shares[^1]);
        CollectionAssert.AreEqual(File, System.IO.File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public async Task Another_file_is_refused_whether_it_arrives_or_is_there()
    {
        var arrived = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => DownloadAsync(Weights(sha256: "00000000")));
        Assert.Contains($"its SHA256 is {Hash}, expected 00000000. The download was deleted", arrived.Message);
        _folder.Write("tiny8.pth", "another");
        var there = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => DownloadAsync(Weights()));
        Assert.EndsWith("Delete it, or replace it with a good copy.", there.Message);
    }

    [TestMethod]
    public void A_machine_without_a_network_is_told_what_to_do_by_hand_before_any_row_is_read()
    {
        var weights = Weights();
        _server.Dispose();
        var rows = _ml.Data.LoadFromEnumerable(Unread());
        var exception = Assert.ThrowsExactly<HttpRequestException>(() => new TinyTrainer(Options(weights), _ml).Fit(rows));
        Assert.Contains("could not be downloaded: ", exception.Message);
        Assert.EndsWith($"put the file at '{_folder.At("cache", "tiny8.pth")}'; then run again.", exception.Message);

        static IEnumerable<FloatImage> Unread()
        {
            Assert.Fail("a row was read");
            yield break;
        }
    }

    [TestMethod]
    public void Two_starts_are_refused_when_the_trainer_is_made()
    {
        var options = Options(Weights());
        options.InitialWeightsPath = _folder.Write("weights", "");
        var exception = Assert.ThrowsExactly<ArgumentException>(() => new TinyTrainer(options));
        Assert.StartsWith($"InitialWeights is 'tiny' and InitialWeightsPath is '{options.InitialWeightsPath}'; ", exception.Message);
    }

    private static string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(File));

    private Task<string> DownloadAsync(PretrainedWeights weights) =>
        weights.DownloadAsync(_folder.Path, null, TestContext.CancellationToken);

    private ImageClassificationTransformer Fit(PretrainedWeights weights) =>
        new TinyTrainer(Options(weights), _ml).Fit(_ml.Keyed(TinyImages.Floats(6)));

    private IDataView Bytes() => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, 6).Select(i => new ByteImage { Label = (uint)(i % 3) + 1, Features = TinyImages.Image(i) }));

    private static ImageClassificationOptions Options(PretrainedWeights weights)
    {
        var options = TinyImages.Options<ImageClassificationOptions>(epochs: 1, batchSize: 2, learningRate: 0.01);
        options.InitialWeights = weights;
        return options;
    }

    private PretrainedWeights Weights(string? sha256 = null) => new(new DownloadedWeights(new PublishedFile
    {
        Address = new Uri(_server.Root, "tiny8.pth"),
        Checksum = sha256 ?? Hash[..8],
    }), new TinyFamily())
    {
        Name = "tiny",
        Architecture = "tiny8",
        Origin = _server.Root.AbsoluteUri,
        Sha256 = sha256 ?? Hash[..8],
        License = "MIT",
        Normalization = new ChannelNormalization([1, 2, 3], [4, 5, 6]),
        ImageSize = TinyImages.Side,
    };

    private sealed class ByteImage
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public byte[] Features { get; set; } = [];
    }
}
