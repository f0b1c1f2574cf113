using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Several processes train the network that one would; here they are threads.</summary>
[TestClass]
public sealed class DistributedTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Any_number_of_ranks_trains_the_network_of_one_process(int ranks)
    {
        // 5 epochs of 4 steps, the last two evened out to 14 and 13 images, which 4 ranks cannot take equal parts of.
        using var alone = Fit(Options(), 59);

        var together = FitTogether(ranks, 59, Options);

        foreach (var model in together)
        {
            AssertClose(Values(alone), Values(model), 2e-5);
            CollectionAssert.AreEqual(Values(together[0]), Values(model));
            foreach (var (one, many) in alone.Report!.Epochs.Zip(model.Report!.Epochs))
            {
                Assert.AreEqual(one.Loss, many.Loss, 1e-5);
                Assert.AreEqual(one.Accuracy, many.Accuracy, 1e-9);
                Assert.AreEqual(one.ValidationLoss!.Value, many.ValidationLoss!.Value, 1e-5);
                Assert.AreEqual(one.ValidationAccuracy!.Value, many.ValidationAccuracy!.Value, 1e-9);
            }
        }
        Dispose(together);
    }

    [TestMethod]
    public void Parts_of_a_batch_that_pass_one_by_one_are_the_same_in_all_ranks()
    {
        // 16 images in 3 ranks are 5, 5 and 6: at most 5 at a time make two parts everywhere, or the batch norms would wait for each other.
        ImageClassificationOptions InParts()
        {
            var options = Options();
            options.MicroBatchSize = 5;
            return options;
        }

        var together = FitTogether(3, 64, InParts);

        CollectionAssert.AreEqual(Values(together[0]), Values(together[2]));
        Dispose(together);
    }

    [TestMethod]
    public void Without_synchronized_norms_all_ranks_return_the_averaged_statistics()
    {
        ImageClassificationOptions Apart()
        {
            var options = Options();
            (options.SynchronizeBatchNorm, options.Epoch) = (false, 1);
            return options;
        }

        var together = FitTogether(2, 64, Apart);

        CollectionAssert.AreEqual(Values(together[0]), Values(together[1]));
        Dispose(together);
    }

    [TestMethod]
    public void Images_read_again_in_every_epoch_are_divided_alike()
    {
        ImageClassificationOptions Streamed()
        {
            var options = OneEpoch();
            options.PixelMemoryMegabytes = 1;
            return options;
        }
        // Of 192 bytes and 80 more each, they do not fit in 1 MiB.
        const int Images = 4500;
        using var inMemory = Fit(OneEpoch(), Images);

        var together = FitTogether(2, Images, Streamed);

        AssertClose(Values(inMemory), Values(together[1]), 1e-3);
        Dispose(together);

        ImageClassificationOptions OneEpoch()
        {
            var options = Options();
            (options.Epoch, options.BatchSize) = (1, 512);
            return options;
        }
    }

    [TestMethod]
    public void A_synchronized_norm_is_that_of_one_process_forward_and_backward()
    {
        foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            manual_seed(3);
            var images = (randn(7, 5, 4, 3) * 2 + 30).to_type(type);
            var weights = randn(7, 5, 4, 3);
            var (expected, expectedState) = Pass(null, images, weights);

            var parts = ThreadGroup.Run(3, group =>
            {
                var (first, count) = new Shard(group.Rank, 3).Of(7);
                return Pass(group, images.narrow(0, first, count), weights.narrow(0, first, count));
            });

            double tolerance = type == ScalarType.Float32 ? 2e-5 : 0.1;
            for (int i = 0; i < 2; i++)
                AssertClose(expected[i], parts.SelectMany(part => part.Result.PerImage[i]), tolerance);
            // Gradients of scale and shift add up; running statistics are the same everywhere.
            for (int i = 0; i < 2; i++)
                AssertClose(expectedState[i], Enumerable.Range(0, 5).Select(c => parts.Sum(part => part.Result.PerChannel[i][c])), 20 * tolerance);
            foreach (var part in parts)
                for (int i = 2; i < 4; i++)
                    AssertClose(expectedState[i], part.Result.PerChannel[i], 1e-4);
        }
    }

    [TestMethod]
    [DataRow(4, 1)]
    [DataRow(2, 3)]
    public void A_training_goes_on_with_another_number_of_ranks(int before, int after)
    {
        using var folder = new TempFolder();
        using var whole = Fit(Options(), 59);
        Assert.HasCount(before, FitUntilCanceled(before, folder.Path, 59, afterEpoch: 2).Where(error => error is OperationCanceledException));

        var rest = FitTogether(after, 59, () =>
        {
            var options = Options();
            (options.WorkspacePath, options.Resume) = (folder.Path, ResumeMode.Required);
            return options;
        });

        foreach (var model in rest)
        {
            Assert.HasCount(5, model.Report!.Epochs);
            AssertClose(Values(whole), Values(model), 2e-5);
        }
        Dispose(rest);
    }

    [TestMethod]
    public void The_wish_of_one_rank_cancels_all_after_the_same_step()
    {
        using var folder = new TempFolder();

        var errors = FitUntilCanceled(3, folder.Path, 59, afterEpoch: 1, rank: 2);

        Assert.HasCount(3, errors.Where(error => error is OperationCanceledException));
        var last = CheckpointStore.Files(folder.Path)[^1].Path;
        using var file = File.OpenRead(last);
        var checkpoint = Checkpoint.Read(file);
        Assert.IsGreaterThan(0, checkpoint.Epochs.Count + checkpoint.Position.Steps);
    }

    [TestMethod]
    public void Rank_0_alone_logs_calls_back_and_writes()
    {
        using var folder = new TempFolder();
        var calls = new int[2];
        var lines = new int[2];

        var models = ThreadGroup.Run(2, group =>
        {
            var ml = new MLContext(seed: 1);
            ml.Log += (_, message) => lines[group.Rank] += message.Source.Contains("ImageClassification") ? 1 : 0;
            var options = Options();
            options.ProcessGroup = group;
            options.WorkspacePath = folder.Path;
            options.MetricsCallback = _ => calls[group.Rank]++;
            return new TinyTrainer(options, ml).Fit(ml.Keyed(TinyImages.Floats(32)));
        });

        CollectionAssert.AreEqual(new[] { 5, 0 }, calls);
        Assert.IsGreaterThan(5, lines[0]);
        Assert.AreEqual(0, lines[1]);
        Assert.IsNotEmpty(CheckpointStore.Files(folder.Path));
        Dispose([.. models.Select(model => model.Result!)]);
    }

    [TestMethod]
    public void Ranks_with_other_rows_are_refused()
    {
        var outcomes = ThreadGroup.Run(2, group =>
        {
            var options = Options();
            options.ProcessGroup = group;
            return new TinyTrainer(options, new MLContext()).Fit(_ml.Keyed(TinyImages.Floats(32, first: group.Rank)));
        });

        Assert.StartsWith("Process 1 of 2 trains something else than process 0: content of the rows ", outcomes[1].Error!.Message);
        // The first does not wait for ever.
        Assert.IsInstanceOfType<OperationCanceledException>(outcomes[0].Error);
    }

    [TestMethod]
    public void Batches_too_small_to_be_divided_are_refused()
    {
        var options = Options();
        options.BatchSize = 5;
        var outcomes = ThreadGroup.Run(3, group => Fit(WithGroup(options, group), 20));

        foreach (var (_, error) in outcomes)
            Assert.StartsWith("A batch of 5 images is too small for 3 processes, which need at least 2 each", error!.Message);
    }

    [TestMethod]
    public void Ranks_out_of_range_are_refused()
    {
        var options = Options();
        options.ProcessGroup = new OutOfRange();
        Assert.Contains(
            "ProcessGroup is rank 2 of 2; a rank must be at least 0 and below the size.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TinyTrainer(options)).Message);
    }

    [TestMethod]
    public void A_sum_that_fails_at_any_moment_of_a_step_ends_Fit_with_its_exception()
    {
        for (int sums = 0; sums < 20; sums++)
            Assert.AreEqual("unplugged", Assert.ThrowsExactly<IOException>(() => Fit(WithGroup(Options(), new Unplugged(sums)), 20)).Message);
    }

    [TestMethod]
    public void The_parts_of_a_batch_are_all_of_it()
    {
        foreach (int count in new[] { 1, 2, 3, 7 })
            foreach (int batch in new[] { 0, 1, 6, 7, 128 })
            {
                var parts = Enumerable.Range(0, count).Select(rank => new Shard(rank, count).Of(batch)).ToArray();
                CollectionAssert.AreEqual(
                    Enumerable.Range(0, batch).ToArray(), parts.SelectMany(part => Enumerable.Range(part.First, part.Count)).ToArray());
                Assert.AreEqual(parts.Max(part => part.Count), new Shard(0, count).LargestOf(batch));
            }
    }

    /// <summary>A training whose result does not depend on chance that is drawn per process: without augmentation.</summary>
    private static ImageClassificationOptions Options()
    {
        var options = TinyImages.Options<ImageClassificationOptions>(epochs: 5, batchSize: 16, learningRate: 0.05);
        options.Recipe = options.Recipe with { Augmentation = AugmentationOptions.None, GradientClipping = 1 };
        options.SynchronizeBatchNorm = true;
        options.Keep = KeptEpoch.Last;
        return options;
    }

    private static ImageClassificationOptions WithGroup(ImageClassificationOptions options, IProcessGroup group)
    {
        var copy = options.Copy();
        copy.ProcessGroup = group;
        return copy;
    }

    private static ImageClassificationTransformer Fit(ImageClassificationOptions options, int images)
    {
        var ml = new MLContext(seed: 1);
        options.ValidationSet = ml.Keyed(TinyImages.Floats(17, first: 500));
        return new TinyTrainer(options, ml).Fit(ml.Keyed(TinyImages.Floats(images)));
    }

    private static ImageClassificationTransformer[] FitTogether(int ranks, int images, Func<ImageClassificationOptions> options)
    {
        var outcomes = ThreadGroup.Run(ranks, group => Fit(WithGroup(options(), group), images));
        Assert.IsEmpty(outcomes.Where(outcome => outcome.Error is not null).Select(outcome => $"{outcome.Error}"));
        return [.. outcomes.Select(outcome => outcome.Result!)];
    }

    private static Exception?[] FitUntilCanceled(int ranks, string workspace, int images, int afterEpoch, int rank = 0)
    {
        using var cancel = new CancellationTokenSource();
        return [.. ThreadGroup.Run(ranks, group =>
        {
            var options = WithGroup(Options(), group);
            options.WorkspacePath = workspace;
            options.OnCancellation = CancellationPolicy.Throw;
            options.MetricsCallback = epoch =>
            {
                if (epoch.Epoch == afterEpoch)
                    cancel.Cancel();
            };
            options.CancellationToken = group.Rank == rank ? cancel.Token : default;
            return Fit(options, images);
        }).Select(outcome => outcome.Error)];
    }

    private static (float[][] PerImage, float[][] PerChannel) Pass(IProcessGroup? group, Tensor images, Tensor weights)
    {
        using var layer = new BatchNormLayer(5) { Group = group };
        var input = images.detach().clone().requires_grad_();
        var (scale, shift) = (layer.parameters().First(), layer.parameters().Last());
        using (no_grad())
            scale.copy_(arange(1, 6, ScalarType.Float32));
        var output = layer.forward(input);
        // Not linear, so that the gradients depend on what came out.
        (output.to_type(ScalarType.Float32).pow(2) * weights).sum().backward();
        var buffers = layer.named_buffers().ToDictionary(buffer => buffer.name, buffer => buffer.buffer);
        return (
            [Floats(output), Floats(input.grad!)],
            [Floats(scale.grad!), Floats(shift.grad!), Floats(buffers["running_mean"]), Floats(buffers["running_var"])]);
    }

    private static float[] Floats(Tensor values) => values.detach().to_type(ScalarType.Float32).contiguous().data<float>().ToArray();

    private static float[] Values(ImageClassificationTransformer model) =>
        [.. model.Weights.Describe().OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => Floats(model.Weights.ToTensor(entry.Key)))];

    private static void AssertClose(IEnumerable<float> expected, IEnumerable<float> actual, double tolerance)
    {
        var (left, right) = (expected.ToArray(), actual.ToArray());
        Assert.HasCount(left.Length, right);
        for (int i = 0; i < left.Length; i++)
            Assert.AreEqual(left[i], right[i], tolerance * Math.Max(1, Math.Abs(left[i])), $"value {i}");
    }

    private static void Dispose(IEnumerable<ImageClassificationTransformer> models)
    {
        foreach (var model in models)
            model.Dispose();
    }

    /// <summary>A group of one process that fails after a number of sums of doubles, as norms exchange.</summary>
    private sealed class Unplugged(int sums) : IProcessGroup
    {
        private int _left = sums;

        public int Rank => 0;

        public int Size => 1;

        public int LocalRank => 0;

        public void Sum(Span<float> values)
        {
        }

        public void Sum(Span<double> values)
        {
            if (_left-- <= 0)
                throw new IOException("unplugged");
        }

        public void Broadcast(Span<byte> bytes)
        {
        }

        public void Abandon(Exception reason)
        {
        }
    }

    private sealed class OutOfRange : IProcessGroup
    {
        public int Rank => 2;

        public int Size => 2;

        public int LocalRank => 0;

        public void Sum(Span<float> values) => throw new NotSupportedException();

        public void Sum(Span<double> values) => throw new NotSupportedException();

        public void Broadcast(Span<byte> bytes) => throw new NotSupportedException();

        public void Abandon(Exception reason) => throw new NotSupportedException();
    }
}
