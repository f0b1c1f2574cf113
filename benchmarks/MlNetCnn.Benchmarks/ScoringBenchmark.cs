using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// The forward pass that scores, in float32 and bfloat16, beside ONNX Runtime on the file that SaveOnnx writes of the same network; and
/// a row of a PredictionEngine beside the bare pass of one image. Turn by turn in one process.
/// </summary>
internal static class ScoringBenchmark
{
    public static Command CreateCommand()
    {
        var networks = new Option<string[]>("--network")
        {
            Description = "Networks, in the words of their families.", DefaultValueFactory = _ => ["resnet18", "resnet50"], AllowMultipleArgumentsPerToken = true,
        };
        var sizes = new Option<int[]>("--size") { Description = "Sides of the images.", DefaultValueFactory = _ => [32, 224], AllowMultipleArgumentsPerToken = true };
        var batches = new Option<int[]>("--batch") { Description = "Images at a time.", DefaultValueFactory = _ => [1, 16], AllowMultipleArgumentsPerToken = true };
        var turns = new Option<int>("--turns") { Description = "Measured turns of each side.", DefaultValueFactory = _ => 9 };
        var device = new DeviceOption();
        var command = new Command("scoring", "Forward passes beside ONNX Runtime's on the CPU, and a PredictionEngine beside the bare pass.")
        {
            networks, sizes, batches, turns, device,
        };
        command.SetAction(parsed =>
        {
            NativeMemory.KeepFreedPages();
            Output.Line($"| network | images | bfloat16 ms | float32 ms | ONNX Runtime float32 ms | bfloat16 / ONNX Runtime | float32 / ONNX Runtime | PredictionEngine bfloat16 ms |");
            Output.Line($"|---|---|---|---|---|---|---|---|");
            foreach (string network in parsed.GetValue(networks)!)
                foreach (int size in parsed.GetValue(sizes)!)
                    foreach (int batch in parsed.GetValue(batches)!)
                        Compare(network, size, batch, parsed.GetValue(turns), parsed.GetValue(device));
        });
        return command;
    }

    private static void Compare(string name, int size, int batch, int turns, ComputeDevice device)
    {
        var folder = Directory.CreateTempSubdirectory("scoring-");
        try
        {
            using var scope = NewDisposeScope();
            var ml = new MLContext();
            var target = DeviceOption.Find(device);
            using var model = OnnxBenchmark.Create(name, new ImageLayout(new ImageShape(3, size, size), Interleaved: false, IsBytes: false), ComputePrecision.BFloat16, device);
            string file = Path.Combine(folder.FullName, "model.onnx");
            model.SaveOnnx(file);
            using var session = new InferenceSession(file);
            using var network = model.Definition.BuildNetwork(model.Weights);
            using var bfloat16 = new InferenceNetwork(network, target, ScalarType.BFloat16);
            using var float32 = new InferenceNetwork(network, target, ScalarType.Float32);
            var images = randn([batch, 3, size, size]);
            var input = images.to(target);
            var tensor = new DenseTensor<float>(images.data<float>().ToArray(), [batch, 3, size, size]);
            var row = new Row { Features = images[0].data<float>().ToArray() };
            var schema = SchemaDefinition.Create(typeof(Row));
            schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3, size, size);
            using var engine = ml.Model.CreatePredictionEngine<Row, Scored>(model, inputSchemaDefinition: schema);

            List<Action> contenders =
            [
                () => bfloat16.Probabilities(input), () => float32.Probabilities(input),
                () => session.Run([NamedOnnxValue.CreateFromTensor("Features", tensor)], ["Score"]).Dispose(),
            ];
            if (batch == 1)
                contenders.Add(() => engine.Predict(row));
            var times = Turns.Measure(turns, [.. contenders]);

            var (half, full, runtime) = (times[0].Median, times[1].Median, times[2].Median);
            Output.Line($"| {name} | {batch} x {size} px | {times[0]} | {times[1]} | {times[2]} | {runtime / half:F2} | {runtime / full:F2} | {(batch == 1 ? times[3] : null)} |");
            Output.Goal($"scoring {name} {size} px batch {batch}, bfloat16 against ONNX Runtime", runtime / half, 2.5);
            Output.Goal($"scoring {name} {size} px batch {batch}, float32 against ONNX Runtime", runtime / full, 1.0);
            if (batch == 1)
                Output.Goal($"scoring {name} {size} px, bare pass / PredictionEngine", half / times[3].Median, 1 / 1.1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
