using System.Diagnostics;
using Microsoft.ML;
using MlNet.ImageClassification;
using MlNet.ImageClassification.Tests;

namespace MlNet.Distributed.Tests;

/// <summary>A training of 20 steps as the ranks of an MPI job, which are this assembly started as a program.</summary>
internal static class Job
{
    private const int Images = 60;
    private const string FolderVariable = "MLNETCNN_TEST_FOLDER";

    private static string Folder => Environment.GetEnvironmentVariable(FolderVariable)!;

    /// <summary>Starts the ranks; skips the test where the launcher is not installed.</summary>
    /// <param name="launcher">mpirun of one of the libraries.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="rank">What each of them does.</param>
    /// <param name="folder">Given to the ranks.</param>
    public static ChildProcess Run(string launcher, int ranks, Action rank, string folder)
    {
        RequireInstalled(launcher);
        var start = new ProcessStartInfo(
            launcher,
            ["-n", $"{ranks}", "dotnet", "exec", typeof(Job).Assembly.Location, "call", rank.Method.DeclaringType!.FullName!, rank.Method.Name]);
        start.Environment[FolderVariable] = folder;
        start.Environment["OMP_NUM_THREADS"] = "1";
        // Open MPI would refuse root, more ranks than cores, and look for other machines; MPICH knows none of these.
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        start.Environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1";
        start.Environment["OMPI_MCA_plm"] = "isolated";
        return ChildProcess.Run(start);
    }

    public static ImageClassificationOptions Options() => new()
    {
        Epoch = 4,
        BatchSize = 12,
        LearningRate = 0.01,
        Seed = 5,
        Precision = ComputePrecision.Float32,
        Device = ComputeDevice.Cpu,
        Recipe = new TrainingRecipe { Augmentation = AugmentationOptions.None },
        SynchronizeBatchNorm = true,
        Keep = KeptEpoch.Last,
    };

    public static ImageClassificationTransformer Fit(ImageClassificationOptions options, int first = 0)
    {
        var ml = new MLContext(seed: 1);
        return new TinyTrainer(options, ml).Fit(ml.Keyed(TinyImages.Floats(Images, first)));
    }

    /// <summary>A rank that trains and saves the weights under its number.</summary>
    public static void Train()
    {
        using var group = MpiProcessGroup.Join();
        var options = Options();
        (options.ProcessGroup, options.WorkspacePath) = (group, Workspace(Folder));
        using var model = Fit(options);
        model.SaveWeights(WeightsOf(Folder, group.Rank));
        Console.WriteLine($"{group.Library}: rank {group.Rank} of {group.Size}, here {group.LocalRank}");
        try
        {
            Console.WriteLine(Unknown().Length);
        }
        catch (NullReferenceException)
        {
            Console.WriteLine("a null reference is an exception");
        }
        group.Complete();

        static string Unknown() => null!;
    }

    /// <summary>The same, but the second rank is killed in the 13th step, the third of the third epoch.</summary>
    public static void BeKilled()
    {
        using var group = MpiProcessGroup.Join();
        var options = Options();
        (options.ProcessGroup, options.WorkspacePath) = (group.Rank == 1 ? new Killed(group) : group, Workspace(Folder));
        Fit(options).Dispose();
    }

    /// <summary>A rank whose rows are others than those of the first.</summary>
    public static void TrainOtherRows()
    {
        using var group = MpiProcessGroup.Join();
        var options = Options();
        options.ProcessGroup = group;
        try
        {
            Fit(options, first: group.Rank).Dispose();
        }
        catch (InvalidOperationException e)
        {
            // As an application tells it.
            Console.Error.WriteLine($"error: {e.Message}");
        }
    }

    public static string WeightsOf(string folder, int rank) => Path.Combine(folder, $"{rank}.safetensors");

    public static string Workspace(string folder) => Path.Combine(folder, "checkpoints");

    private static void RequireInstalled(string launcher)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, launcher))))
            Assert.Inconclusive($"'{launcher}' is not installed.");
    }

    /// <summary>Kills its process in the middle of a step.</summary>
    private sealed class Killed(IProcessGroup group) : IProcessGroup
    {
        private const int StepsDone = 12;

        private int _steps;

        public int Rank => group.Rank;

        public int Size => group.Size;

        public int LocalRank => group.LocalRank;

        public void Sum(Span<float> values)
        {
            // The gradients of a step, all together.
            if (++_steps > StepsDone)
                Process.GetCurrentProcess().Kill();
            group.Sum(values);
        }

        public void Sum(Span<double> values) => group.Sum(values);

        public void Broadcast(Span<byte> bytes) => group.Broadcast(bytes);

        public void Abandon(Exception reason) => group.Abandon(reason);
    }
}
