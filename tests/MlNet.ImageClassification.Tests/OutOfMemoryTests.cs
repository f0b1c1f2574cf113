using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>What a user is told whose device has too little memory.</summary>
[TestClass]
public sealed class OutOfMemoryTests
{
    // As LibTorch words it: c10/cuda/CUDACachingAllocator.cpp.
    private const string OfCuda =
        "CUDA out of memory. Tried to allocate 3.06 GiB. GPU 0 has a total capacity of 14.56 GiB of which 1.21 GiB is free. Including " +
        "non-PyTorch memory, this process has 13.35 GiB memory in use. Of the allocated memory 12.01 GiB is allocated by PyTorch.";

    private static readonly ComputeTarget Target = new(CPU, ScalarType.Float32);

    [TestMethod]
    public void A_training_is_advised_to_pass_half_as_many_images_at_once()
    {
        Assert.AreEqual(
            "Out of memory on the CPU in Float32 with BatchSize 256 and images of 3x224x224. LibTorch tried to allocate 3.06 GiB, and 1.21 GiB " +
            "were free. Try MicroBatchSize 128: a step still has 256 images, but half as many as now pass through the network at once; " +
            "halve it again while it is too large.",
            Message(new ImageClassificationOptions()));
        Assert.Contains(
            "BatchSize 256, 96 at once, and images of 3x224x224. LibTorch tried", Message(new ImageClassificationOptions { MicroBatchSize = 96 }));
        Assert.Contains("Try MicroBatchSize 48: ", Message(new ImageClassificationOptions { MicroBatchSize = 96 }));
    }

    [TestMethod]
    public void Where_the_parts_cannot_be_smaller_the_images_or_the_network_must_be()
    {
        string message = Message(new ImageClassificationOptions { MicroBatchSize = 3 });

        Assert.EndsWith("Fewer images cannot pass through the network at once: take smaller images or a smaller network.", message);
    }

    [TestMethod]
    public void A_checkpoint_of_the_training_is_pointed_out()
    {
        string message = Message(new ImageClassificationOptions(), checkpoints: "work");

        Assert.EndsWith(" The checkpoint in 'work' can go on with it: set Resume to FromWeights.", message);
    }

    [TestMethod]
    public void A_network_that_scores_names_the_images_it_scored()
    {
        string message = OutOfMemory.WhileScoring(new InvalidOperationException(OfCuda), Target, 128, new ImageShape(3, 224, 224)).Message;

        Assert.AreEqual(
            "Out of memory on the CPU in Float32 while scoring 128 images of 3x224x224 at once. LibTorch tried to allocate 3.06 GiB, and 1.21 " +
            "GiB were free. End what else uses the device's memory, score row by row with a PredictionEngine, or score on another device.", message);
    }

    [TestMethod]
    [DataRow(OfCuda, true)]
    [DataRow("CUDA error: out of memory", true)]
    [DataRow("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", true)]
    [DataRow("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", true)]
    [DataRow("CUDA error: an illegal memory access was encountered", false)]
    [DataRow("CUDA error: no kernel image is available for execution on the device", false)]
    public void Other_failures_are_not_taken_for_one(string message, bool isOutOfMemory) =>
        Assert.AreEqual(isOutOfMemory, OutOfMemory.Is(new InvalidOperationException(message)));

    [TestMethod]
    public void Advice_that_is_followed_goes_on_from_the_checkpoint()
    {
        using var folder = new TempFolder();
        int steps = 0;
        var options = TinyImages.Options();
        options.WorkspacePath = folder.At("work");
        options.MetricsCallback = epoch => steps = epoch.Epoch == 2 ? throw new OutOfMemoryException() : steps + 1;
        var data = new Microsoft.ML.MLContext(seed: 1).Keyed(TinyImages.Floats(30));

        string message = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options).Fit(data)).Message;

        Assert.EndsWith($"The checkpoint in '{folder.At("work")}' can go on with it: set Resume to FromWeights.", message);
        Assert.Contains("Try MicroBatchSize 8: ", message);
        options.MetricsCallback = null;
        options.MicroBatchSize = 8;
        options.Resume = ResumeMode.FromWeights;
        using var model = new TinyTrainer(options).Fit(data);
        Assert.HasCount(options.Epoch, model.Report!.Epochs);
        Assert.AreEqual(1, steps);
    }

    [TestMethod]
    public void A_training_that_failed_leaves_no_tensor()
    {
        var data = new Microsoft.ML.MLContext(seed: 1).Keyed(TinyImages.Floats(30));
        var options = TinyImages.Options();
        options.ValidationSetFraction = 0.2;

        // In the first step, with a classifier of two parameters.
        long before = LiveTensors.Count();
        Assert.ThrowsExactly<InvalidOperationException>(() => new HungryTrainer(options).Fit(data));
        LiveTensors.AssertNoneLeft(before, networks: 1, parametersOfNetwork: 2);

        // After an epoch, with an average of the network, each with a convolution, a batch norm of two and a linear layer of two.
        options.Recipe = options.Recipe with { WeightAverageDecay = 0.9 };
        options.MetricsCallback = epoch => throw new OutOfMemoryException();
        before = LiveTensors.Count();
        Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options).Fit(data));
        LiveTensors.AssertNoneLeft(before, networks: 2, parametersOfNetwork: 1 + 2 + 2);
    }

    [TestMethod]
    public void Validation_passes_no_more_images_at_once_than_a_step_does()
    {
        var options = TinyImages.Options();
        (options.Epoch, options.BatchSize, options.MicroBatchSize, options.ValidationSetFraction) = (1, 16, 5, 0.5);
        options.Recipe = options.Recipe with { Augmentation = AugmentationOptions.None };
        var counts = new List<long>();

        using var model = new CountingTrainer(options, counts).Fit(new Microsoft.ML.MLContext(seed: 1).Keyed(TinyImages.Floats(24)));

        // 12 images to train on, in parts of at most 5, and 12 to validate on, of which the last 2 are evened out with the 5 before.
        CollectionAssert.AreEqual(new long[] { 4, 4, 4, 5, 4, 3 }, counts);
    }

    private static string Message(ImageClassificationOptions options, string? checkpoints = null) => OutOfMemory.WhileTraining(
        new InvalidOperationException(OfCuda), Target, options, batchSize: 256, new ImageShape(3, 224, 224), checkpoints).Message;

    /// <summary>Trains a classifier of the pixels' averages, and takes down how many images come at once.</summary>
    private sealed class CountingTrainer(ImageClassificationOptions options, List<long> counts)
        : ImageClassificationTrainer<ImageClassificationOptions>(options, environment: null)
    {
        internal override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed) =>
            new CountingNetwork(input, classCount, counts);
    }

    private sealed class CountingNetwork : ClassificationNetwork
    {
        private readonly LinearLayer fc;
        private readonly List<long> _counts;

        public CountingNetwork(ImageShape input, int classCount, List<long> counts)
            : base(new TinyFamily(), "counting", input, classCount)
        {
            (fc, _counts) = (new LinearLayer(input.Channels, classCount), counts);
            RegisterComponents();
        }

        public override IReadOnlyList<IReadOnlyList<nn.Module>> Stages => [];

        public override LinearLayer Classifier => fc;

        protected override Tensor FeatureMaps(Tensor images)
        {
            _counts.Add(images.shape[0]);
            return images.alias();
        }

        public override string WriteFeatureMapsTo(INetworkGraph graph, string images) => throw new NotSupportedException();
    }
}
