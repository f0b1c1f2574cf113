using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNet.ImageClassification;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// Scoring by Transform beside ONNX Runtime and ML.NET's OnnxTransformer on the file that SaveOnnx writes of the same model, turn
/// by turn in one process; and the sizes of the files.
/// </summary>
internal static class OnnxBenchmark
{
    private const int ClassCount = 10;
    private const string Features = "Features";
    private const string Score = "Score";

    public static Command CreateCommand()
    {
        var architectures = new Option<string[]>("--architecture")
        {
            Description = "Networks, in the words of their families.",
            DefaultValueFactory = _ => ["resnet18 v1.5", "resnet50 v1.5", "shufflenetv1 g3 1x"],
            AllowMultipleArgumentsPerToken = true,
        };
        var imageSize = new Option<int>("--image-size") { Description = "Height and width.", DefaultValueFactory = _ => 224 };
        var images = new Option<int>("--images") { Description = "Images per turn.", DefaultValueFactory = _ => 64 };
        var batch = new Option<int>("--batch") { Description = "Images that ONNX Runtime is given at a time.", DefaultValueFactory = _ => 32 };
        var turns = new Option<int>("--turns") { Description = "Measured turns of each side.", DefaultValueFactory = _ => 3 };
        var threads = new Option<int>("--threads") { Description = "Threads of ONNX Runtime; 0: its own choice.", DefaultValueFactory = _ => 0 };
        var precision = new Option<ComputePrecision>("--precision")
        {
            Description = "Type that Transform computes in; the files are float32.",
            DefaultValueFactory = _ => ComputePrecision.Float32,
        };
        var command = new Command("onnx", "Transform beside ONNX Runtime and ML.NET's OnnxTransformer; sizes of the files.")
        {
            architectures, imageSize, images, batch, turns, threads, precision,
        };
        command.SetAction(parsed =>
        {
            foreach (var architecture in parsed.GetValue(architectures)!)
                Run(architecture, parsed.GetValue(imageSize), parsed.GetValue(images), parsed.GetValue(batch), parsed.GetValue(turns),
                    parsed.GetValue(threads), parsed.GetValue(precision));
        });
        return command;
    }

    private static void Run(string architecture, int size, int images, int batch, int turns, int threads, ComputePrecision precision)
    {
        var ml = new MLContext(seed: 1);
        var layout = new ImageLayout(new ImageShape(3, size, size), Interleaved: false, IsBytes: false);
        var random = new Random(1);
        var pixels = Enumerable.Range(0, images).Select(_ => Enumerable.Range(0, layout.Size).Select(_ => random.NextSingle()).ToArray()).ToArray();
        var rows = Rows(ml, pixels, size);
        using var model = Create(architecture, layout, precision, ComputeDevice.Cpu);
        var folder = Directory.CreateTempSubdirectory("onnx-").FullName;
        try
        {
            var (saved, converted) = (Path.Combine(folder, "saved.onnx"), Path.Combine(folder, "converted.onnx"));
            model.SaveOnnx(saved);
            using (var stream = File.Create(converted))
                ml.Model.ConvertToOnnx(model, rows, stream, [Score]);
            ml.Model.Save(model, rows.Schema, Path.Combine(folder, "model.zip"));
            Console.WriteLine($"{model.Architecture}, {images} images of {size} x {size}, Transform in {precision}");
            Console.WriteLine(
                $"  SaveOnnx {Megabytes(saved)}, ConvertToOnnx {Megabytes(converted)}, ML.NET's model file {Megabytes(Path.Combine(folder, "model.zip"))}");

            using var options = new SessionOptions { IntraOpNumThreads = threads };
            using var session = new InferenceSession(saved, options);
            var applied = ml.Transforms.ApplyOnnxModel([Score], [Features], saved).Fit(rows);
            var (batches, singles) = (Tensors(pixels, batch, size), Tensors(pixels, 1, size));
            (string Name, Action Score)[] sides =
            [
                ("Transform", () => Read(model.Transform(rows))),
                ($"ONNX Runtime, {batch} at a time", () => Read(session, batches)),
                ("ONNX Runtime, 1 at a time", () => Read(session, singles)),
                ("OnnxTransformer", () => Read(applied.Transform(rows))),
            ];
            var times = Turns.Measure(turns, [.. sides.Select(side => side.Score)]);
            foreach (var (side, time) in sides.Zip(times))
                Console.WriteLine(FormattableString.Invariant(
                    $"  {side.Name}: {Speed(time.Median):F1} images/s ({Speed(time.Sorted[^1]):F1} to {Speed(time.Sorted[0]):F1}), Transform is {time.Median / times[0].Median:F2} times as fast"));

            double Speed(double milliseconds) => 1000 * images / milliseconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static ImageClassificationTransformer Create(string architecture, ImageLayout layout, ComputePrecision precision, ComputeDevice device)
    {
        var (assembly, name) = architecture.StartsWith("resnet", StringComparison.Ordinal) ? ("MlNet.ResNet", "ResNet") : ("MlNet.ShuffleNet", "ShuffleNetV1");
        using var network = NetworkFamily.Find(assembly, name).Create(architecture, layout.Shape, ClassCount);
        network.Initialize(seed: 1);
        var definition = new ModelDefinition(
            assembly, name, network.Architecture, layout, ChannelNormalization.None, ClassCount, KeyNames.None, Features, Score, "PredictedLabel",
            precision, null, BadImagePolicy.Fail);
        return new ImageClassificationTransformer(
            definition, NetworkWeights.Of(network), ComputeTarget.Resolve(device, precision), null);
    }

    private static IDataView Rows(MLContext ml, float[][] pixels, int size)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[Features].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3, size, size);
        return ml.Data.LoadFromEnumerable(pixels.Select(image => new Row { Features = image }).ToArray(), schema);
    }

    private static void Read(IDataView scored)
    {
        foreach (var _ in scored.GetColumn<float[]>(Score))
        {
        }
    }

    private static DenseTensor<float>[] Tensors(float[][] pixels, int batch, int size) =>
        [.. pixels.Chunk(batch).Select(images => new DenseTensor<float>(images.SelectMany(image => image).ToArray(), [images.Length, 3, size, size]))];

    private static void Read(InferenceSession session, DenseTensor<float>[] batches)
    {
        foreach (var images in batches)
        {
            using var results = session.Run([NamedOnnxValue.CreateFromTensor(Features, images)], [Score]);
        }
    }

    private static string Megabytes(string path) => FormattableString.Invariant($"{new FileInfo(path).Length / 1e6:F1} MB");

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
