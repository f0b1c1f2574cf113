using Microsoft.ML;
using MlNet.ImageClassification;

namespace CifarExamples;

/// <summary>What the user chose by <see cref="ExampleOptions"/>.</summary>
public sealed class ExampleSettings
{
    public DirectoryInfo? Data { get; init; }
    public int? Epochs { get; init; }
    public int ImageSize { get; init; }
    public ComputePrecision Precision { get; init; }
    public ComputeDevice Device { get; init; }
    public int Seed { get; init; }
    public required DirectoryInfo Output { get; init; }

    public string ModelPath => OutputFile("model.zip");

    /// <summary>Whether the training runs on a GPU: defaults that take too long on a CPU depend on it.</summary>
    public bool UsesGpu => TorchSharp.torch.cuda.is_available() && !Device.Equals(ComputeDevice.Cpu);

    private string CheckpointFolder => OutputFile("checkpoint");

    public string OutputFile(string name) => Path.Combine(Output.FullName, name);

    /// <summary>A context with the chosen seed whose log is shown.</summary>
    public MLContext CreateContext() => TrainingDisplay.CreateContext(Seed);

    /// <summary>Once the model is saved: the next run is to train again, not to take the network of this one.</summary>
    public void DeleteCheckpoint() => Directory.Delete(CheckpointFolder, recursive: true);

    /// <summary>Gives a trainer's options what was chosen, and a display to report to.</summary>
    public void ApplyTo(ImageClassificationOptions options, TrainingDisplay display, CancellationToken cancellation)
    {
        options.Precision = Precision;
        options.Device = Device;
        options.Seed = Seed;
        options.WorkspacePath = CheckpointFolder;
        options.Progress = display.Progress;
        options.CancellationToken = cancellation;
    }
}
