using Microsoft.ML;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>Trainings that go on where another run of them ended.</summary>
[TestClass]
public sealed class CheckpointTests
{
    private const string Workspace = "MLNETCNN_TEST_WORKSPACE";
    private const string KilledIn = "MLNETCNN_TEST_KILLED_IN";

    private readonly MLContext _ml = new(seed: 1);
    private readonly TempFolder _folder = new();
    private readonly List<string> _warnings = [];
    private readonly List<string> _infos = [];

    public CheckpointTests() => _ml.Log += (_, e) =>
    {
        if (e.Source == "ImageClassification")
            (e.Kind == ChannelMessageKind.Warning ? _warnings : _infos).Add(e.RawMessage);
    };

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void A_training_that_was_stopped_continues_to_the_same_network()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Augmentation = new AugmentationOptions { CropPadding = 1 } };
        using var uninterrupted = Fit(options);

        using (var source = new CancellationTokenSource())
        {
            options.WorkspacePath = _folder.At("work");
            options.CancellationToken = source.Token;
            options.MetricsCallback = metrics => { if (metrics.Epoch == 2) source.Cancel(); };
            Fit(options).Dispose();
        }
        Assert.HasCount(1, Directory.GetFiles(options.WorkspacePath));
        options.CancellationToken = default;
        var epochs = new List<int>();
        options.MetricsCallback = metrics => epochs.Add(metrics.Epoch);
        using var continued = Fit(options);

        CollectionAssert.AreEqual(new[] { 3, 4 }, epochs);
        Assert.HasCount(4, continued.Report!.Epochs);
        ScoreAssert.AreSame(_ml.Predict(uninterrupted, 10), _ml.Predict(continued, 10), 0);
    }

    [TestMethod]
    public void A_training_whose_process_was_killed_continues_to_the_same_network()
    {
        using var uninterrupted = Fit(Killable());
        string path = _folder.At("work", "checkpoint.mlnetcnn");

        for (int epoch = 1; epoch <= 3; epoch++)
        {
            var killed = FreshProcess.Call(FitUntilKilled, (Workspace, _folder.At("work")), (KilledIn, $"{epoch + 1}"));
            Assert.AreNotEqual(0, killed.ExitCode);
            Assert.IsTrue(File.Exists(path), killed.Errors);
            // As if the kill had met the writing of the next one.
            File.WriteAllBytes(path + ".new", File.ReadAllBytes(path)[..100]);
        }
        var options = Killable();
        options.WorkspacePath = _folder.At("work");
        var epochs = new List<int>();
        options.MetricsCallback = metrics => epochs.Add(metrics.Epoch);
        using var continued = Fit(options);

        CollectionAssert.AreEqual(new[] { 4 }, epochs);
        ScoreAssert.AreSame(_ml.Predict(uninterrupted, 10), _ml.Predict(continued, 10), 0);
    }

    /// <summary>Trains and kills its own process in the middle of an epoch.</summary>
    public static void FitUntilKilled()
    {
        int last = int.Parse(Environment.GetEnvironmentVariable(KilledIn)!);
        var options = Killable();
        options.WorkspacePath = Environment.GetEnvironmentVariable(Workspace);
        options.Progress = new Direct<TrainingProgress>(progress =>
        {
            if (progress.Epoch == last)
                System.Diagnostics.Process.GetCurrentProcess().Kill();
        });
        var ml = new MLContext(seed: 1);
        new TinyTrainer(options, ml).Fit(ml.Keyed(TinyImages.Floats(90))).Dispose();
    }

    [TestMethod]
    public void A_complete_training_gives_its_network_again_and_more_epochs_extend_it()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        var trained = new List<int>();
        options.MetricsCallback = epoch => trained.Add(epoch.Epoch);
        using var first = Fit(options);
        using var again = Fit(options);
        options.Epoch = 6;
        using var extended = Fit(options);

        CollectionAssert.AreEqual(new[] { 1, 2, 3, 4, 5, 6 }, trained);
        ScoreAssert.AreSame(_ml.Predict(first, 10), _ml.Predict(again, 10), 0);
        Assert.HasCount(6, extended.Report!.Epochs);
        Assert.ContainsSingle(line => line.StartsWith($"The training in '{_folder.Path}' is complete after 4 epochs, and its network is taken.", StringComparison.Ordinal), _infos);
        Assert.ContainsSingle(line => line == $"Continuing after epoch 4 of 6 from the checkpoint in '{_folder.Path}'.", _infos);
    }

    [TestMethod]
    public void A_complete_training_makes_way_for_another()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        Fit(options).Dispose();
        options.LearningRate = 0.1;

        using var model = Fit(options);

        Assert.HasCount(4, model.Report!.Epochs);
    }

    [TestMethod]
    public void A_checkpoint_of_another_training_is_refused_with_the_difference_and_the_remedies()
    {
        var options = Stopped();
        options.LearningRate = 0.3;
        options.BatchSize = 8;

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options));

        Assert.AreEqual(
            $"The checkpoint '{_folder.At("checkpoint.mlnetcnn")}', 1 epoch of a training, belongs to another training: BatchSize 16 there, 8 here; " +
            "LearningRate 0.2 there, 0.3 here. Set Resume to FromWeights to go on from its weights with these options, or to Never (or delete the " +
            "file) to start afresh, or choose another WorkspacePath. Where a cross-validation was cut short, it is of one fold: delete the file.", exception.Message);
    }

    [TestMethod]
    public void On_request_a_training_goes_on_from_the_weights_with_a_lower_rate()
    {
        var options = Stopped();
        options.LearningRate = 0.01;
        options.Resume = ResumeMode.FromWeights;

        using var model = Fit(options);

        Assert.HasCount(4, model.Report!.Epochs);
        Assert.AreEqual(0.2, model.Report.Epochs[0].LearningRate, 1e-9);
        // Epochs 2 to 4 of a cosine from 0.01.
        Assert.IsTrue(model.Report.Epochs.Skip(1).All(epoch => epoch.LearningRate is > 0 and < 0.0101));
    }

    [TestMethod]
    public void On_request_a_training_goes_on_from_the_weights_with_another_optimizer()
    {
        foreach (Optimizer optimizer in new Optimizer[] { new AdamOptimizer(), new SgdOptimizer { Momentum = 0 } })
        {
            var options = Stopped();
            options.Recipe = options.Recipe with { Optimizer = optimizer };
            options.LearningRate = 0.01;
            options.Resume = ResumeMode.FromWeights;
            _infos.Clear();

            using var model = Fit(options);

            Assert.HasCount(4, model.Report!.Epochs);
            Assert.Contains("The optimizer starts afresh, as its options are others than the checkpoint's.", _infos);
            File.Delete(_folder.At("checkpoint.mlnetcnn"));
        }
    }

    [TestMethod]
    public void What_was_best_on_other_validation_rows_is_not_best_on_these()
    {
        var options = Stopped(_ml.Keyed(TinyImages.Floats(30, first: 500)));
        var mislabeled = TinyImages.Floats(30, first: 500);
        foreach (var image in mislabeled)
            image.Label = (image.Label + 1) % 3;
        options.ValidationSet = _ml.Keyed(mislabeled);
        options.Resume = ResumeMode.FromWeights;

        using var model = Fit(options);

        var epochs = model.Report!.Epochs;
        Assert.IsGreaterThan(epochs.Skip(1).Max(epoch => epoch.ValidationAccuracy!.Value), epochs[0].ValidationAccuracy!.Value);
        Assert.IsGreaterThan(1, model.Report.BestEpoch);
    }

    [TestMethod]
    public void The_weights_of_another_network_are_not_gone_on_from()
    {
        var options = Stopped();
        options.Resume = ResumeMode.FromWeights;

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new WiderTrainer(options).Fit(Images()));

        Assert.AreEqual(
            $"Resume is FromWeights, but the checkpoint in '{_folder.Path}' is of another network. The weights hold 'conv.weight' as Float32 " +
            "[8, 3, 3, 3], but 'tiny9' needs Float32 [9, 3, 3, 3]. Train the same network, set Resume to Never to start afresh, or choose " +
            "another WorkspacePath.", exception.Message);
    }

    private sealed class WiderTrainer(ImageClassificationOptions options) : ImageClassificationTrainer<ImageClassificationOptions>(options, null)
    {
        internal override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed) =>
            new TinyFamily().Create("tiny9", input, classCount);
    }

    [TestMethod]
    public void On_request_a_training_starts_afresh()
    {
        var options = Stopped();
        options.Resume = ResumeMode.Never;
        var epochs = new List<int>();
        options.MetricsCallback = metrics => epochs.Add(metrics.Epoch);

        Fit(options).Dispose();

        CollectionAssert.AreEqual(new[] { 1, 2, 3, 4 }, epochs);
    }

    [TestMethod]
    public void A_checkpoint_that_is_required_must_be_there()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        options.Resume = ResumeMode.Required;

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options));

        Assert.AreEqual(
            $"Resume is Required, but '{_folder.Path}' has no checkpoint. Check WorkspacePath, or set Resume to Auto.", exception.Message);
    }

    [TestMethod]
    public void A_random_seed_is_that_of_the_training_that_goes_on()
    {
        var withoutSeed = new MLContext();
        var options = TinyImages.Options();
        options.Seed = null;
        options.WorkspacePath = _folder.Path;
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.MetricsCallback = _ => source.Cancel();
        using var stopped = new TinyTrainer(options, withoutSeed).Fit(Images());
        options.CancellationToken = default;
        options.MetricsCallback = null;

        using var model = new TinyTrainer(options, withoutSeed).Fit(Images());

        Assert.AreEqual(stopped.Report!.Seed, model.Report!.Seed);
        Assert.HasCount(4, model.Report.Epochs);
    }

    [TestMethod]
    public void Two_trainings_cannot_use_one_workspace_at_once()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        InvalidOperationException? refused = null;
        options.MetricsCallback = _ => refused = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options, _ml).Fit(Images()));

        Fit(options).Dispose();

        Assert.AreEqual($"WorkspacePath is '{_folder.Path}', which another training uses now; give each training a folder of its own.", refused!.Message);
    }

    [TestMethod]
    public void The_folds_of_a_cross_validation_use_one_workspace_one_after_the_other()
    {
        var options = TinyImages.Options();
        var without = CrossValidate(options);
        options.WorkspacePath = _folder.Path;

        CollectionAssert.AreEqual(without, CrossValidate(options));
        // The workspace holds the complete last fold by now.
        CollectionAssert.AreEqual(without, CrossValidate(options));
    }

    [TestMethod]
    public void A_cross_validation_that_was_cut_short_says_what_to_delete()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        int trainings = 0;
        options.MetricsCallback = epoch =>
        {
            if (epoch.Epoch == 1 && ++trainings == 2)
                throw new IOException("cut short");
        };
        Assert.Throws<IOException>(() => CrossValidate(options));
        options.MetricsCallback = null;

        string file = _folder.At("checkpoint.mlnetcnn");
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => CrossValidate(options));
        Assert.StartsWith($"The checkpoint '{file}', 1 epoch of a training, belongs to another training: training rows ", exception.Message);
        Assert.EndsWith("Where a cross-validation was cut short, it is of one fold: delete the file.", exception.Message);

        File.Delete(file);
        Assert.HasCount(3, CrossValidate(options));
    }

    [TestMethod]
    public void A_damaged_checkpoint_is_refused()
    {
        var options = Stopped();
        string path = _folder.At("checkpoint.mlnetcnn");
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options));

        Assert.StartsWith($"The checkpoint '{path}' cannot be used: The file is damaged in ", exception.Message);
        Assert.EndsWith("Delete the file to start afresh.", exception.Message);
    }

    [TestMethod]
    public void Three_hundred_damaged_checkpoints_are_refused_by_name_or_continue_as_before()
    {
        var options = Stopped();
        options.Epoch = 2;
        options.Resume = ResumeMode.FromWeights;
        string path = _folder.At("checkpoint.mlnetcnn");
        byte[] file = File.ReadAllBytes(path);
        using var whole = Fit(options);
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            File.WriteAllBytes(path, Damage.Of(file, random));
            try
            {
                using var model = Fit(options);
                // Behind the end nobody reads.
                ScoreAssert.AreSame(_ml.Predict(whole, 3), _ml.Predict(model, 3), 0);
            }
            catch (InvalidOperationException e)
            {
                Assert.StartsWith($"The checkpoint '{path}' cannot be used: ", e.Message);
                Assert.EndsWith(" Delete the file to start afresh.", e.Message);
            }
        }
    }

    [TestMethod]
    public void A_workspace_that_cannot_be_written_is_refused_before_the_training()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.At("taken");
        File.WriteAllText(options.WorkspacePath, "a file, where a folder is needed");
        options.MetricsCallback = _ => Assert.Fail("It was trained.");

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options));

        Assert.StartsWith($"WorkspacePath is '{options.WorkspacePath}'; no checkpoint can be written there: ", exception.Message);
    }

    [TestMethod]
    public void A_checkpoint_of_an_older_version_is_refused()
    {
        var options = Stopped();
        string path = _folder.At("checkpoint.mlnetcnn");
        var bytes = File.ReadAllBytes(path);
        bytes[Array.IndexOf(bytes, (byte)'3')] = (byte)'2';
        File.WriteAllBytes(path, bytes);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options));

        Assert.AreEqual(
            $"The checkpoint '{path}' cannot be used: It is no checkpoint of this version of the library. Delete the file to start afresh.",
            exception.Message);
    }

    [TestMethod]
    public void A_checkpoint_keeps_the_loss_scale()
    {
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);
        using var file = new MemoryStream();
        new Checkpoint(new TrainingIdentity(), 1, false, 1, [], NetworkWeights.Of(network), [1, 2], new LossScale(512, 1999), []).Write(file);
        file.Position = 0;

        var scaler = new LossScaler(active: true) { State = Checkpoint.Read(file).LossScale };

        Assert.AreEqual(512, scaler.Factor);
        using var scope = torch.NewDisposeScope();
        var weight = torch.nn.Parameter(torch.ones([1]));
        weight.sum().backward();
        Assert.IsTrue(scaler.TryUnscale([weight]));
        Assert.AreEqual(new LossScale(1024, 0), scaler.State);
    }

    private static ImageClassificationOptions Killable()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Augmentation = new AugmentationOptions { CropPadding = 1 } };
        options.ValidationSetFraction = 0.2;
        return options;
    }

    /// <summary>The options of a training of four epochs that was stopped after the first.</summary>
    private ImageClassificationOptions Stopped(IDataView? validationSet = null)
    {
        using var source = new CancellationTokenSource();
        var options = TinyImages.Options();
        options.ValidationSet = validationSet;
        options.WorkspacePath = _folder.Path;
        options.CancellationToken = source.Token;
        options.MetricsCallback = _ => source.Cancel();
        Fit(options).Dispose();
        options.CancellationToken = default;
        options.MetricsCallback = null;
        return options;
    }

    /// <summary>The log-loss of each of three folds.</summary>
    private double[] CrossValidate(ImageClassificationOptions options) =>
        [.. _ml.MulticlassClassification.CrossValidate(Images(), new TinyTrainer(options, _ml), numberOfFolds: 3).Select(fold => fold.Metrics.LogLoss)];

    private IDataView Images() => _ml.Keyed(TinyImages.Floats(90));

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) => new TinyTrainer(options, _ml).Fit(Images());
}
