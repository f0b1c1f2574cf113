using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.Distributed;
using MlNet.ImageClassification;
using MlNet.ResNet;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// What a training by several ranks makes in a second, and the share of a step that the ranks spend exchanging gradients. Started by
/// mpirun it measures the job, without it one process:
/// <code>
/// OMP_NUM_THREADS=2 dotnet MlNetCnn.Benchmarks.dll distributed
/// OMP_NUM_THREADS=1 mpirun -n 2 --bind-to none dotnet MlNetCnn.Benchmarks.dll distributed
/// </code>
/// </summary>
internal static class DistributedBenchmark
{
    public static Command CreateCommand()
    {
        var imageSize = new Option<int>("--image-size") { Description = "Height and width.", DefaultValueFactory = _ => 32 };
        var batch = new Option<int>("--batch") { Description = "Images per step, all ranks together.", DefaultValueFactory = _ => 128 };
        var steps = new Option<int>("--steps") { Description = "Measured steps.", DefaultValueFactory = _ => 16 };
        var precision = new Option<ComputePrecision>("--precision") { Description = "Type the network computes in." };
        var synchronize = new Option<bool>("--synchronize-batch-norm") { Description = "Let batch norms see the images of all ranks." };
        var command = new Command("distributed", "ResNet-50 by the ranks of an MPI job: images per second, and the share of communication.")
        {
            imageSize, batch, steps, precision, synchronize,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(imageSize), parsed.GetValue(batch), parsed.GetValue(steps), parsed.GetValue(precision), parsed.GetValue(synchronize)));
        return command;
    }

    private static void Run(int size, int batch, int steps, ComputePrecision precision, bool synchronize)
    {
        using var mpi = MpiProcessGroup.Join();
        var group = new Timed(mpi);
        List<(double Rate, double Step, double Exchange, double Megabytes)> epochs = [];
        var options = new ResNetOptions
        {
            // The first epoch warms up.
            Epoch = 2,
            BatchSize = batch,
            Stem = ResNetStem.ImageNet,
            Precision = precision,
            Seed = 1,
            ProcessGroup = group,
            SynchronizeBatchNorm = synchronize,
            MetricsCallback = epoch =>
            {
                epochs.Add((epoch.ImagesPerSecond, epoch.Duration.TotalSeconds / steps, group.Elapsed.TotalSeconds / steps, group.Bytes / 1e6 / steps));
                group.Reset();
            },
        };
        var ml = new MLContext(seed: 1);
        using var model = new ResNet50Trainer(ml, options).Fit(Noise(ml, size, batch * steps));
        if (mpi.Rank == 0)
        {
            var (rate, step, exchange, megabytes) = epochs[^1];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{mpi.Size} rank(s), {mpi.Library}, OMP_NUM_THREADS {Environment.GetEnvironmentVariable("OMP_NUM_THREADS") ?? "not set"}, batches of {batch} images of {size} px:"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rate:F1} images/s, {1000 * step:F0} ms a step, {1000 * exchange:F1} ms ({exchange / step:P1}) of it in exchanges of {megabytes:F1} MB, waiting for the slowest rank included"));
        }
        mpi.Complete();
    }

    private static IDataView Noise(MLContext ml, int size, int count)
    {
        var rows = Enumerable.Range(0, count).Select(i =>
        {
            var pixels = new byte[3 * size * size];
            new Random(i).NextBytes(pixels);
            return new Row { Label = (uint)(i % 10), Features = pixels };
        }).ToArray();
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Byte, 3, size, size);
        return ml.Data.LoadFromEnumerable(rows, schema);
    }

    /// <summary>Adds up what exchanges take.</summary>
    private sealed class Timed(IProcessGroup group) : IProcessGroup
    {
        public int Rank => group.Rank;

        public int Size => group.Size;

        public int LocalRank => group.LocalRank;

        public TimeSpan Elapsed { get; private set; }

        public long Bytes { get; private set; }

        public void Sum(Span<float> values)
        {
            long start = Stopwatch.GetTimestamp();
            group.Sum(values);
            Count(start, values.Length * sizeof(float));
        }

        public void Sum(Span<double> values)
        {
            long start = Stopwatch.GetTimestamp();
            group.Sum(values);
            Count(start, values.Length * sizeof(double));
        }

        public void Broadcast(Span<byte> bytes) => group.Broadcast(bytes);

        public void Abandon(Exception reason) => group.Abandon(reason);

        public void Reset() => (Elapsed, Bytes) = (TimeSpan.Zero, 0);

        private void Count(long start, int bytes)
        {
            Elapsed += Stopwatch.GetElapsedTime(start);
            Bytes += bytes;
        }
    }

    private sealed class Row
    {
        [KeyType(10)]
        public uint Label { get; set; }

        public byte[] Features { get; set; } = [];
    }
}
