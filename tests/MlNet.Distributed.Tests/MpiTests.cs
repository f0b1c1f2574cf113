using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace MlNet.Distributed.Tests;

/// <summary>Real jobs of Open MPI and MPICH, where they are installed.</summary>
[TestClass]
public sealed class MpiTests
{
    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    [DataRow("mpirun.openmpi", "Open MPI v", 2)]
    [DataRow("mpirun.openmpi", "Open MPI v", 4)]
    [DataRow("mpirun.mpich", "MPICH Version:", 2)]
    public void Ranks_train_the_network_of_one_process(string launcher, string library, int ranks)
    {
        var job = Job.Run(launcher, ranks, Job.Train, _folder.Path);

        Assert.AreEqual(0, job.ExitCode, job.Errors);
        // Libraries of MPI take over signals that .NET makes exceptions of.
        Assert.Contains("a null reference is an exception", job.Output);
        using var alone = Job.Fit(Job.Options());
        for (int rank = 0; rank < ranks; rank++)
        {
            Assert.Contains(library, job.Output);
            Assert.Contains($": rank {rank} of {ranks}, here {rank}", job.Output);
            AssertSame(alone, Job.WeightsOf(_folder.Path, rank));
        }
    }

    [TestMethod]
    [DataRow("mpirun.openmpi")]
    [DataRow("mpirun.mpich")]
    public void A_killed_rank_ends_the_job_and_the_training_goes_on(string launcher)
    {
        var job = Job.Run(launcher, 2, Job.BeKilled, _folder.Path);

        Assert.AreNotEqual(0, job.ExitCode);
        Assert.Contains("signal", (job.Output + job.Errors).ToLowerInvariant());
        var checkpoint = CheckpointStore.Files(Job.Workspace(_folder.Path))[^1].Path;
        using (var file = File.OpenRead(checkpoint))
            Assert.AreEqual("2 epochs", Checkpoint.Read(file).Progress);

        // One process goes on where two were.
        using var whole = Job.Fit(Job.Options());
        var options = Job.Options();
        (options.WorkspacePath, options.Resume) = (Job.Workspace(_folder.Path), ResumeMode.Required);
        using var resumed = Job.Fit(options);
        resumed.SaveWeights(Job.WeightsOf(_folder.Path, 0));
        AssertSame(whole, Job.WeightsOf(_folder.Path, 0));
    }

    [TestMethod]
    [DataRow("mpirun.openmpi")]
    [DataRow("mpirun.mpich")]
    public void A_rank_that_throws_ends_the_job(string launcher)
    {
        var job = Job.Run(launcher, 2, Job.TrainOtherRows, _folder.Path);

        Assert.AreNotEqual(0, job.ExitCode);
        Assert.Contains("error: Process 1 of 2 trains something else than process 0: content of the rows ", job.Output + job.Errors);
    }

    [TestMethod]
    public void A_library_that_is_not_there_is_reported()
    {
        string path = _folder.At("libmpi.so");

        Assert.Contains(path, Assert.ThrowsExactly<DllNotFoundException>(() => MpiProcessGroup.Join(path)).Message);
    }

    [TestMethod]
    public void The_shards_of_the_ranks_are_all_rows()
    {
        var ml = new MLContext();
        var rows = ml.Keyed(TinyImages.Floats(11));
        var uncounted = ml.Data.FilterRowsByColumn(rows, nameof(FloatImage.Id), lowerBound: 1);

        foreach (var (view, first) in new[] { (rows, 0), (uncounted, 1) })
        {
            float[][] shards = [.. Enumerable.Range(0, 3).Select(rank => ml.Data.TakeShard(view, new Numbered(rank, 3)).GetColumn<float>(nameof(FloatImage.Id)).ToArray())];
            CollectionAssert.AreEqual(Enumerable.Range(first, 11 - first).Select(i => (float)i).ToArray(), shards.SelectMany(shard => shard).ToArray());
            Assert.IsTrue(shards.All(shard => shard.Length is 3 or 4));
        }
        Assert.AreEqual(1, Enumerable.Range(0, 3).Sum(rank => ml.Data.TakeShard(ml.Keyed(TinyImages.Floats(1)), new Numbered(rank, 3)).GetRowCount() ?? 0)
            + ml.Data.TakeShard(ml.Keyed([]), new Numbered(1, 3)).GetColumn<float>(nameof(FloatImage.Id)).Count());
    }

    private static void AssertSame(ImageClassificationTransformer expected, string weights)
    {
        using var file = WeightsFile.Open(weights);
        var tensors = expected.Weights.ToDictionary();
        CollectionAssert.AreEquivalent(tensors.Keys, file.Tensors.Keys.ToArray());
        foreach (var (name, bytes) in tensors)
        {
            using var actual = file.Read(name);
            if (!actual.is_floating_point())
            {
                CollectionAssert.AreEqual(bytes, actual.bytes.ToArray(), name);
                continue;
            }
            var left = MemoryMarshal.Cast<byte, float>(bytes);
            var right = MemoryMarshal.Cast<byte, float>(actual.bytes);
            for (int i = 0; i < left.Length; i++)
                Assert.AreEqual(left[i], right[i], 1e-4 * Math.Max(1, Math.Abs(left[i])), $"{name}[{i}]");
        }
    }

    /// <summary>A rank that is only counted.</summary>
    private sealed record Numbered(int Rank, int Size) : IProcessGroup
    {
        public int LocalRank => Rank;

        public void Sum(Span<float> values) => throw new NotSupportedException();

        public void Sum(Span<double> values) => throw new NotSupportedException();

        public void Broadcast(Span<byte> bytes) => throw new NotSupportedException();

        public void Abandon(Exception reason) => throw new NotSupportedException();
    }
}
