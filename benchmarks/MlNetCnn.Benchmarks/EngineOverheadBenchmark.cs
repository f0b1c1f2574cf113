using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;
using MlNet.ResNet;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// What a pipeline adds to the arithmetic: Fit beside the bare training step of the same network, Transform beside its bare
/// forward pass, turn by turn in one process.
/// </summary>
internal static class EngineOverheadBenchmark
{
    // The least the trainer can be told: more rows than fit in it are streamed from their files in every epoch.
    private const int StoreMegabytes = 1;

    public static Command CreateCommand()
    {
        var imageSize = new Option<int>("--image-size") { Description = "Height and width.", DefaultValueFactory = _ => 32 };
        var batch = new Option<int>("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 128 };
        var batches = new Option<int>("--batches") { Description = "Steps per turn.", DefaultValueFactory = _ => 16 };
        var turns = new Option<int>("--turns") { Description = "Measured turns of each side.", DefaultValueFactory = _ => 3 };
        var files = new Option<bool>("--files")
        {
            Description = "Read JPEG files anew in every turn instead of keeping the images in memory.",
        };
        var only = new Option<string?>("--only") { Description = "Measure Fit or Transform only." }
            .AcceptOnlyFromAmong("fit", "transform");
        var precision = new Option<ComputePrecision>("--precision") { Description = "Type the network computes in." };
        var command = new Command("engine-overhead", "Fit and Transform of ResNet-50 beside the bare step and forward pass.")
        {
            imageSize, batch, batches, turns, files, precision, only,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(imageSize), parsed.GetValue(batch), parsed.GetValue(batches), parsed.GetValue(turns),
            parsed.GetValue(files), parsed.GetValue(precision), parsed.GetValue(only)));
        return command;
    }

    private static void Run(
        int size, int batch, int batches, int turns, bool files, ComputePrecision precision, string? only)
    {
        NativeMemory.KeepFreedPages();
        var ml = new MLContext(seed: 1);
        int rows = batch * batches;
        if (files && (long)rows * 3 * size * size <= StoreMegabytes << 20)
            throw new InvalidOperationException(
                $"{rows} images fit the trainer's store of {StoreMegabytes} MiB and would be read once only; raise --batches.");
        using var source = new ImageSource(ml, size, rows, files);
        using var bare = new BareNetwork(size, batch, precision);
        string from = $" of {size} px from {(files ? "JPEG files" : "memory")}";
        var options = new ResNetOptions
        {
            Epoch = only == "transform" ? 1 : turns + 1,
            BatchSize = batch,
            Stem = ResNetStem.ImageNet,
            Precision = precision,
            PixelMemoryMegabytes = files ? StoreMegabytes : null,
        };

        List<double> fit = [], step = [];
        if (only != "transform")
            options.MetricsCallback = metrics =>
            {
                fit.Add(metrics.ImagesPerSecond);
                step.Add(bare.Train(batches));
            };
        using var model = new ResNet50Trainer(options).Fit(
            only == "transform" ? ml.Data.TakeRows(source.Images, batch) : source.Images);
        if (only != "transform")
            Print($"Fit / bare step{from}", fit, step);
        if (only == "fit")
            return;

        List<double> transform = [], forward = [];
        for (int turn = 0; turn <= turns; turn++)
        {
            long start = Stopwatch.GetTimestamp();
            int scored = model.Transform(source.Images).GetColumn<uint>("PredictedLabel").Count();
            transform.Add(scored / Stopwatch.GetElapsedTime(start).TotalSeconds);
            forward.Add(bare.Score(batches));
        }
        Print($"Transform / bare forward pass{from}", transform, forward);
    }

    // The first turn of each side warms up.
    private static void Print(string what, List<double> engine, List<double> bare)
    {
        (double engineMedian, double engineBest) = (Times.MedianOf(engine.Skip(1)), engine.Skip(1).Max());
        (double bareMedian, double bareBest) = (Times.MedianOf(bare.Skip(1)), bare.Skip(1).Max());
        Output.Line(
            $"{what}, images/s: median {engineMedian:F1} / {bareMedian:F1} = {engineMedian / bareMedian:F3}, best {engineBest:F1} / {bareBest:F1} = {engineBest / bareBest:F3}");
        Output.Line($"  by turn: {string.Join(", ", engine.Zip(bare).Skip(1).Select(pair => FormattableString.Invariant($"{pair.First:F1} / {pair.Second:F1}")))}");
        Output.Goal(what, engineMedian / bareMedian, 0.95);
    }

    /// <summary>The network alone, on one batch of noise.</summary>
    private sealed class BareNetwork : IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly ClassificationNetwork _network;
        private readonly InferenceNetwork _scoring;
        private readonly OptimizerHelper _optimizer;
        private readonly Tensor _images;
        private readonly Tensor _labels;
        private readonly int _batch;

        public BareNetwork(int size, int batch, ComputePrecision precision)
        {
            _batch = batch;
            var type = precision switch
            {
                ComputePrecision.Float32 => ScalarType.Float32,
                ComputePrecision.Float16 => ScalarType.Float16,
                _ => ScalarType.BFloat16,
            };
            _network = new ResNetFamily().Create("resnet50 stem=imagenet", new ImageShape(3, size, size), 10);
            _network.Initialize(1);
            _scoring = new InferenceNetwork(_network, CPU, type);
            _optimizer = new SgdOptimizer().Create(ParameterGroup.Of(_network, backboneRate: 1));
            _images = randn([batch, 3, size, size]).to_type(type);
            _labels = randint(10, [batch], ScalarType.Int64);
        }

        public double Train(int steps) => Rate(steps, () =>
        {
            var loss = nn.functional.cross_entropy(_network.forward(_images), _labels, label_smoothing: 0.1);
            _network.zero_grad();
            loss.backward();
            _optimizer.step();
        });

        public double Score(int steps) => Rate(steps, () => _scoring.Probabilities(_images));

        public void Dispose()
        {
            _optimizer.Dispose();
            _scoring.Dispose();
            _network.Dispose();
            _scope.Dispose();
        }

        private double Rate(int steps, Action step)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < steps; i++)
            {
                using var scope = NewDisposeScope();
                step();
            }
            return steps * _batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Noise images of ten classes: float features in memory, or JPEG files through ML.NET's own image transforms.</summary>
    private sealed class ImageSource : IDisposable
    {
        private readonly DirectoryInfo? _folder;

        public ImageSource(MLContext ml, int size, int count, bool files)
        {
            if (!files)
            {
                var pixels = new FeatureRow[count];
                for (int i = 0; i < count; i++)
                    pixels[i] = new FeatureRow
                    {
                        Label = (uint)(i % 10),
                        Features = Array.ConvertAll(Noise(i, 3 * size * size), b => b / 64f - 2),
                    };
                var schema = SchemaDefinition.Create(typeof(FeatureRow));
                schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3, size, size);
                Images = ml.Data.LoadFromEnumerable(pixels, schema);
                return;
            }

            _folder = Directory.CreateTempSubdirectory("mlnetcnn-");
            var rows = new FileRow[count];
            for (int i = 0; i < count; i++)
            {
                rows[i] = new FileRow { Label = (uint)(i % 10), Path = Path.Combine(_folder.FullName, $"{i}.jpg") };
                using var image = MLImage.CreateFromPixels(size, size, MLPixelFormat.Rgba32, Noise(i, 4 * size * size));
                image.Save(rows[i].Path);
            }
            var data = ml.Data.LoadFromEnumerable(rows);
            Images = ml.Transforms.LoadImages("Image", "", "Path")
                .Append(ml.Transforms.ResizeImages("Image", size, size))
                .Append(ml.Transforms.ExtractPixels("Features", "Image"))
                .Append(ml.Transforms.NormalizeChannels("Features", null, ChannelNormalization.Cifar10))
                .Fit(data).Transform(data);
        }

        public IDataView Images { get; }

        public void Dispose() => _folder?.Delete(recursive: true);

        private static byte[] Noise(int seed, int count)
        {
            var bytes = new byte[count];
            new Random(seed).NextBytes(bytes);
            return bytes;
        }
    }

    private sealed class FeatureRow
    {
        [KeyType(10)]
        public uint Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class FileRow
    {
        [KeyType(10)]
        public uint Label { get; set; }

        public string Path { get; set; } = "";
    }
}
