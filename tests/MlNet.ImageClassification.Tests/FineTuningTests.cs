using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Parts of a network that stay as they are, or change less.</summary>
[TestClass]
public sealed class FineTuningTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void In_frozen_epochs_the_classifier_alone_changes_then_all_layers()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { FrozenEpochs = 2 };

        var weights = WeightsOfEpochs(options);

        foreach (var (name, _) in weights[0])
        {
            bool isClassifier = name.StartsWith("fc.", StringComparison.Ordinal);
            Assert.AreEqual(!isClassifier, Same(weights[0][name], weights[1][name]), $"{name} in epoch 2");
            Assert.IsFalse(Same(weights[1][name], weights[2][name]), $"{name} in epoch 3");
        }
    }

    [TestMethod]
    public void Frozen_statistics_stay_while_the_weights_change()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { FreezeNormStatistics = true };

        var weights = WeightsOfEpochs(options);

        foreach (var (name, last) in weights[^1])
            Assert.AreEqual(name.Contains("running_") || name.Contains("num_batches"), Same(weights[0][name], last), name);
    }

    [TestMethod]
    public void The_backbone_learns_at_its_share_of_the_rate()
    {
        using var scope = NewDisposeScope();
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);

        var groups = ParameterGroup.Of(network, backboneRate: 0.1);

        var rates = groups.SelectMany(group => group.Parameters.Select(parameter => (parameter.Handle, group.RateFactor))).ToDictionary();
        foreach (var (name, parameter) in network.named_parameters())
            Assert.AreEqual(name.StartsWith("fc.", StringComparison.Ordinal) ? 1 : 0.1, rates[parameter.Handle], name);
        Assert.HasCount(network.parameters().Count(), rates);
    }

    [TestMethod]
    public void Each_stage_learns_at_its_share_of_the_next_ones_rate()
    {
        using var scope = NewDisposeScope();
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);

        var groups = ParameterGroup.Of(network, backboneRate: 1, layerDecay: 0.5);

        // The classifier, then the only stage; each with and without weight decay.
        CollectionAssert.AreEqual(new[] { (true, 1.0), (true, 0.5), (false, 1.0), (false, 0.5) }, groups.Select(group => (group.IsDecayed, group.RateFactor)).ToArray());
        Assert.AreEqual(network.parameters().Count(), groups.Sum(group => group.Parameters.Count));
    }

    [TestMethod]
    public void Long_gradients_are_shortened()
    {
        // One step of plain SGD at a rate of 1 changes the weights by the gradient: by 0.001 at most when clipped to that.
        var options = TinyImages.Options();
        (options.Epoch, options.BatchSize, options.LearningRate) = (1, 90, 1);
        options.Recipe = options.Recipe with { WarmupEpochs = 0, Optimizer = new SgdOptimizer { Momentum = 0, WeightDecay = 0 } };
        var start = new TinyNetworkState(new TinyFamily(), 1);

        double free = start.DistanceTo(Trained(options));
        options.Recipe = options.Recipe with { GradientClipping = 0.001 };
        double clipped = start.DistanceTo(Trained(options));

        Assert.IsGreaterThan(0.01, free);
        Assert.AreEqual(0.001, clipped, 1e-5);
    }

    [TestMethod]
    public void The_classifier_alone_on_features_learns_what_it_learns_behind_frozen_layers()
    {
        string start = _folder.At("start.safetensors");
        var options = TinyImages.Options();
        options.Epoch = 1;
        using (var model = Fit(options))
            model.SaveWeights(start);

        options = TinyImages.Options();
        options.InitialWeightsPath = start;
        options.ExampleWeightColumnName = nameof(FloatImage.Id);
        options.ValidationSet = _ml.Keyed(TinyImages.Floats(30, first: 500));
        options.WorkspacePath = _folder.At("work");
        options.LearningRate = 0.001;
        options.Recipe = TrainingRecipe.LinearProbe;
        using var probe = Fit(options);
        Assert.IsEmpty(Directory.GetFiles(options.WorkspacePath));
        options.WorkspacePath = null;
        options.Recipe = TrainingRecipe.LinearProbe with { ClassifierOnly = false, FrozenEpochs = 4 };
        using var frozen = Fit(options);

        foreach (var (expected, actual) in frozen.Report!.Epochs.Zip(probe.Report!.Epochs))
        {
            Assert.AreEqual(expected.Loss, actual.Loss, 1e-3 * expected.Loss);
            Assert.AreEqual(expected.ValidationLoss!.Value, actual.ValidationLoss!.Value, 1e-4);
        }
        Assert.IsLessThan(probe.Report.Epochs[0].Loss, probe.Report.Epochs[3].Loss);
        using var file = WeightsFile.Open(start);
        foreach (var (name, bytes) in probe.Weights.ToDictionary())
            using (var before = file.Read(name))
                Assert.AreEqual(!name.StartsWith("fc.", StringComparison.Ordinal), before.bytes.SequenceEqual(bytes), name);
    }

    [TestMethod]
    public void The_classifier_alone_needs_weights_to_start_from_and_images_that_stay_as_they_are()
    {
        var options = TinyImages.Options();
        options.Recipe = TrainingRecipe.LinearProbe;
        Assert.StartsWith(
            "ClassifierOnly leaves all layers but the classifier as they are; without InitialWeights or InitialWeightsPath they have learned nothing.",
            Assert.ThrowsExactly<ArgumentException>(() => new TinyTrainer(options)).Message);
        options.Recipe = new TrainingRecipe { ClassifierOnly = true };
        Assert.StartsWith(
            "ClassifierOnly computes the features of each image once, so that Augmentation must be AugmentationOptions.None and InitialImageScale 1;",
            Assert.ThrowsExactly<ArgumentException>(() => new TinyTrainer(options)).Message);
    }

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) =>
        new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(90)));

    private Dictionary<string, byte[]> Trained(ImageClassificationOptions options)
    {
        using var model = new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(90)));
        return model.Weights.ToDictionary();
    }

    /// <summary>The weights after each of three epochs, each a training of its own from the checkpoint before.</summary>
    private List<Dictionary<string, byte[]>> WeightsOfEpochs(ImageClassificationOptions options)
    {
        options.WorkspacePath = _folder.Path;
        // The rate of an extended training must not be 0 in the epoch that was its last.
        options.Recipe = options.Recipe with { Schedule = LearningRateSchedule.Constant };
        var weights = new List<Dictionary<string, byte[]>>();
        for (options.Epoch = 1; options.Epoch <= 3; options.Epoch++)
            weights.Add(Trained(options));
        return weights;
    }

    private static bool Same(byte[] first, byte[] second) => first.AsSpan().SequenceEqual(second);

    /// <summary>The parameters that a training of a seed begins with.</summary>
    private sealed class TinyNetworkState
    {
        private readonly Dictionary<string, float[]> _parameters;

        public TinyNetworkState(TinyFamily family, int seed)
        {
            using var network = family.Create("tiny8", new ImageShape(3, 8, 8), 3);
            network.Initialize(seed);
            _parameters = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.data<float>().ToArray());
        }

        /// <summary>The L2 norm of the difference of all parameters.</summary>
        public double DistanceTo(Dictionary<string, byte[]> weights) => Math.Sqrt(_parameters.Sum(entry =>
            entry.Value.Zip(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(weights[entry.Key]).ToArray(), (a, b) => Math.Pow(a - b, 2)).Sum()));
    }
}
