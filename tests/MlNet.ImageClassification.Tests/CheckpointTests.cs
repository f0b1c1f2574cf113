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
        CollectionAssert.AreEquivalent(
            new[] { "checkpoint-000001.mlnetcnn", "checkpoint-000002.mlnetcnn" }, Directory.GetFiles(options.WorkspacePath).Select(Path.GetFileName).ToArray());
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
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            var killed = FreshProcess.Call(FitUntilKilled, (Workspace, _folder.At("work")), (KilledIn, $"{epoch + 1}"));
            Assert.AreNotEqual(0, killed.ExitCode);
            string path = _folder.At("work", $"checkpoint-{epoch:d6}.mlnetcnn");
            Assert.IsTrue(File.Exists(path), killed.Errors);
            // As if the kill had met the writing of the next one.
            File.WriteAllBytes(_folder.At("work", $"checkpoint-{epoch + 1:d6}.mlnetcnn.new"), File.ReadAllBytes(path)[..100]);
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
    [DataRow(2048)]
    [DataRow(1, DisplayName = "Images that do not fit in memory")]
    public void A_training_that_is_stopped_in_every_step_or_two_comes_to_the_same_network(int megabytes)
    {
        var options = Killable();
        options.Epoch = 2;
        options.MicroBatchSize = 5;
        options.PixelMemoryMegabytes = megabytes;
        options.Recipe = options.Recipe with { WeightAverageDecay = 0.9, Optimizer = new AdamWOptimizer() };
        options.LearningRate = 0.01;
        var rows = _ml.Keyed(TinyImages.Floats(megabytes == 1 ? 1500 : 90));
        if (megabytes == 1)
            (options.BatchSize, options.MicroBatchSize) = (256, null);
        using var uninterrupted = new TinyTrainer(options, _ml).Fit(rows);

        options.WorkspacePath = _folder.At("work");
        options.CheckpointInterval = TimeSpan.FromDays(1);
        ImageClassificationTransformer? model = null;
        int runs = 0;
        for (bool complete = false; !complete; runs++)
        {
            model?.Dispose();
            model = null;
            using var source = new CancellationTokenSource();
            options.CancellationToken = source.Token;
            // The first step of each run is told.
            options.Progress = new Direct<TrainingProgress>(_ => source.Cancel());
            try
            {
                model = new TinyTrainer(options, _ml).Fit(rows);
                complete = !model.Report!.Canceled;
            }
            catch (OperationCanceledException)
            {
            }
        }

        // 72 or 1200 images in 5 batches an epoch.
        Assert.IsInRange(5, 11, runs);
        Assert.HasCount(2, model!.Report!.Epochs);
        Assert.AreEqual(uninterrupted.Report!.Epochs[1].Loss, model.Report.Epochs[1].Loss, TestDevice.Tolerance);
        Assert.AreEqual(uninterrupted.Report.Epochs[1].ValidationLoss!.Value, model.Report.Epochs[1].ValidationLoss!.Value, TestDevice.Tolerance);
        ScoreAssert.AreSame(_ml.Predict(uninterrupted, 10), _ml.Predict(model, 10), 0);
        model.Dispose();
    }

    [TestMethod]
    public void A_training_that_was_killed_within_an_epoch_goes_on_after_its_last_step()
    {
        var uninterruptedOptions = Killable();
        using var uninterrupted = Fit(uninterruptedOptions);
        var killed = FreshProcess.Call(FitUntilKilledAfterAStep, (Workspace, _folder.At("work")));
        Assert.AreNotEqual(0, killed.ExitCode);

        var options = Killable();
        options.WorkspacePath = _folder.At("work");
        using var continued = Fit(options);

        Assert.ContainsSingle(line => line == $"Continuing after step 2 of epoch 1 of 4 from the checkpoint in '{options.WorkspacePath}'.", _infos);
        ScoreAssert.AreSame(_ml.Predict(uninterrupted, 10), _ml.Predict(continued, 10), 0);
    }

    /// <summary>Trains with a checkpoint after each step, and kills its own process in the third.</summary>
    public static void FitUntilKilledAfterAStep()
    {
        var options = Killable();
        options.WorkspacePath = Environment.GetEnvironmentVariable(Workspace);
        options.CheckpointInterval = TimeSpan.Zero;
        int reports = 0;
        options.Progress = new Direct<TrainingProgress>(_ =>
        {
            // What comes 200 ms after a report is reported too.
            Thread.Sleep(250);
            if (++reports == 3)
                System.Diagnostics.Process.GetCurrentProcess().Kill();
        });
        var ml = new MLContext(seed: 1);
        new TinyTrainer(options, ml).Fit(ml.Keyed(TinyImages.Floats(90))).Dispose();
    }

    [TestMethod]
    public void Where_the_newest_checkpoint_is_damaged_the_one_before_is_gone_on_from()
    {
        using var uninterrupted = Fit(TinyImages.Options());
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        StopAfter(options, epoch: 2);
        Damage(Newest());
        _warnings.Clear();

        using var continued = Fit(options);

        Assert.StartsWith($"The checkpoint '{_folder.At("checkpoint-000002.mlnetcnn")}' cannot be used: The file is damaged in ", _warnings.Single());
        Assert.EndsWith($": its checksum does not fit. The one before, '{_folder.At("checkpoint-000001.mlnetcnn")}', is taken.", _warnings[0]);
        ScoreAssert.AreSame(_ml.Predict(uninterrupted, 10), _ml.Predict(continued, 10), 0);
    }

    [TestMethod]
    public void As_many_checkpoints_are_kept_as_are_asked_for_and_none_of_another_training()
    {
        var options = TinyImages.Options();
        (options.WorkspacePath, options.CheckpointsKept) = (_folder.Path, 3);
        Fit(options).Dispose();
        CollectionAssert.AreEqual(new[] { "2", "3", "4" }, Numbers());

        (options.Seed, options.Epoch) = (2, 2);
        Fit(options).Dispose();
        CollectionAssert.AreEqual(new[] { "5", "6" }, Numbers());

        string[] Numbers() => [.. Directory.GetFiles(_folder.Path).Order().Select(path => Path.GetFileNameWithoutExtension(path)["checkpoint-".Length..].TrimStart('0'))];
    }

    [TestMethod]
    public void A_checkpoint_gives_the_model_of_the_best_epoch_and_of_the_last()
    {
        var options = Killable();
        options.Recipe = options.Recipe with { WeightAverageDecay = 0.9 };
        options.WorkspacePath = _folder.Path;
        using var best = Fit(options);
        options.WorkspacePath = null;
        options.Keep = KeptEpoch.Last;
        using var last = Fit(options);

        using var bestAgain = _ml.Model.LoadCheckpoint(_folder.Path);
        using var lastAgain = _ml.Model.LoadCheckpoint(Newest(), KeptEpoch.Last);

        Assert.AreEqual(4, last.Report!.BestEpoch);
        ScoreAssert.AreSame(_ml.Predict(best, 10), _ml.Predict(bestAgain, 10), 0);
        ScoreAssert.AreSame(_ml.Predict(last, 10), _ml.Predict(lastAgain, 10), 0);
    }

    [TestMethod]
    public void A_checkpoint_is_loaded_while_the_training_replaces_it()
    {
        Stopped();
        byte[] checkpoint = File.ReadAllBytes(Newest());
        // As a training does that keeps one.
        using var ended = new CancellationTokenSource();
        var training = Task.Run(() =>
        {
            for (int number = 100; !ended.IsCancellationRequested; number++)
            {
                string beside = _folder.At("beside");
                File.WriteAllBytes(beside, checkpoint);
                File.Move(beside, _folder.At($"checkpoint-{number:d6}.mlnetcnn"));
                foreach (var (_, old) in CheckpointStore.Files(_folder.Path).SkipLast(1))
                    File.Delete(old);
            }
        });
        try
        {
            for (int i = 0; i < 200; i++)
                _ml.Model.LoadCheckpoint(_folder.Path).Dispose();
        }
        finally
        {
            ended.Cancel();
            training.Wait();
        }
    }

    [TestMethod]
    public void What_is_no_checkpoint_is_not_loaded()
    {
        Assert.AreEqual(
            $"'{_folder.Path}' has no checkpoint; is it the WorkspacePath of a training?",
            Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Model.LoadCheckpoint(_folder.Path)).Message);
        foreach (string none in new[] { _folder.At("none"), Path.Combine(_folder.At("none"), "checkpoint-000001.mlnetcnn") })
            Assert.AreEqual(
                $"There is no checkpoint '{none}'.", Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Model.LoadCheckpoint(none)).Message);

        Stopped();
        Damage(Newest());
        Assert.StartsWith(
            $"The checkpoint '{Newest()}' cannot be used: The file is damaged in ",
            Assert.ThrowsExactly<InvalidDataException>(() => _ml.Model.LoadCheckpoint(_folder.Path)).Message);
    }

    [TestMethod]
    public void Before_the_first_epoch_has_ended_a_checkpoint_has_a_last_network_but_no_best()
    {
        var options = TinyImages.Options();
        options.WorkspacePath = _folder.Path;
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.Progress = new Direct<TrainingProgress>(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => Fit(options));

        using var last = _ml.Model.LoadCheckpoint(_folder.Path, KeptEpoch.Last);
        Assert.HasCount(3, _ml.Predict(last, 3));
        Assert.StartsWith(
            $"The checkpoint in '{_folder.Path}' is of a training whose first epoch has not ended",
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.LoadCheckpoint(_folder.Path)).Message);
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
            $"The checkpoint '{Newest()}', 1 epoch of a training, belongs to another training: BatchSize 16 there, 8 here; " +
            "LearningRate 0.2 there, 0.3 here. Set Resume to FromWeights to go on from its weights with these options, or to Never (or delete the " +
            "file) to start afresh, or choose another WorkspacePath. Where a cross-validation was cut short, it is of one fold: delete the file.", exception.Message);
    }

    [TestMethod]
    public void What_another_training_did_without_is_told_as_null()
    {
        var options = Stopped();
        options.Recipe = options.Recipe with { GradientClipping = 1.5, WeightAverageDecay = 0 };

        Assert.Contains(
            " belongs to another training: GradientClipping null there, 1.5 here; WeightAverageDecay null there, 0 here. ",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options)).Message);
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
            foreach (string file in Directory.GetFiles(_folder.Path))
                File.Delete(file);
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
    public void A_training_that_starts_afresh_reads_no_checkpoint_for_its_seed()
    {
        var options = Stopped();
        Damage(Newest());
        options.Resume = ResumeMode.Never;
        options.Seed = null;

        using var model = new TinyTrainer(options, new MLContext()).Fit(Images());

        Assert.HasCount(4, model.Report!.Epochs);
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

        string file = Newest();
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
        string path = Newest();
        Damage(path);

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
        string path = Newest();
        byte[] file = File.ReadAllBytes(path);
        using var whole = Fit(options);
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            File.WriteAllBytes(path, MlNetCnn.Tests.Damage.Of(file, random));
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
        string path = Newest();
        var bytes = File.ReadAllBytes(path);
        bytes[Array.IndexOf(bytes, (byte)'4')] = (byte)'3';
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
        new Checkpoint(
            new TrainingIdentity(), TinyFamily.Definition(network), 1, false, 1, [], default, NetworkWeights.Of(network), [1, 2], new LossScale(512, 1999),
            new Dictionary<string, byte[]>()).Write(file);
        file.Position = 0;

        var scaler = new LossScaler(active: true) { State = Checkpoint.Read(file).LossScale };

        Assert.AreEqual(512, scaler.Factor);
        using var scope = torch.NewDisposeScope();
        var weight = torch.nn.Parameter(torch.ones([1]));
        weight.sum().backward();
        Assert.IsTrue(scaler.TryUnscale([weight]));
        Assert.AreEqual(new LossScale(1024, 0), scaler.State);
    }

    private string Newest() => Directory.GetFiles(_folder.Path, "checkpoint-*.mlnetcnn").Order().Last();

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
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
        var options = TinyImages.Options();
        options.ValidationSet = validationSet;
        options.WorkspacePath = _folder.Path;
        StopAfter(options, epoch: 1);
        return options;
    }

    private void StopAfter(ImageClassificationOptions options, int epoch)
    {
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.MetricsCallback = metrics =>
        {
            if (metrics.Epoch == epoch)
                source.Cancel();
        };
        Fit(options).Dispose();
        options.CancellationToken = default;
        options.MetricsCallback = null;
    }

    /// <summary>The log-loss of each of three folds.</summary>
    private double[] CrossValidate(ImageClassificationOptions options) =>
        [.. _ml.MulticlassClassification.CrossValidate(Images(), new TinyTrainer(options, _ml), numberOfFolds: 3).Select(fold => fold.Metrics.LogLoss)];

    private IDataView Images() => _ml.Keyed(TinyImages.Floats(90));

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) => new TinyTrainer(options, _ml).Fit(Images());
}
