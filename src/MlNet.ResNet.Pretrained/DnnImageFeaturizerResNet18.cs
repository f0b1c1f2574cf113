using MlNet.ImageClassification;

namespace MlNet.ResNet.Pretrained;

/// <summary>The ONNX file of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, which a build puts into the output folder.</summary>
internal sealed class DnnImageFeaturizerResNet18 : IWeightsSource
{
    private const string Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18";

    // Its images are in the order blue, green, red.
    private const string FirstWeight = "conv1.weight";

    /// <summary>The numbers of the convolutions' nodes; a batch norm's is that of its convolution and 2.</summary>
    private static readonly (int Node, string Convolution, string BatchNorm)[] Layers =
    [
        (249, "conv1", "bn1"),
        .. Block("layer1.0", 257, 263), .. Block("layer1.1", 271, 277),
        .. Block("layer2.0", 285, 291, 295), .. Block("layer2.1", 303, 309),
        .. Block("layer3.0", 317, 323, 327), .. Block("layer3.1", 335, 341),
        .. Block("layer4.0", 349, 355, 359), .. Block("layer4.1", 367, 373), .. Block("layer4.2", 381, 387),
    ];

    private static string FilePath { get; } =
        Path.Combine(AppContext.BaseDirectory, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");

    /// <inheritdoc/>
    public Task<string> FetchAsync(string folder, IProgress<double>? progress, CancellationToken cancellationToken) =>
        File.Exists(FilePath)
            ? Task.FromResult(FilePath)
            : throw new FileNotFoundException(
                $"'{FilePath}' is missing. The build puts it there from the package {Package}: reference MlNet.ResNet.Pretrained in the " +
                "application itself, and copy the folder DnnImageModels where the application goes.", FilePath);

    /// <inheritdoc/>
    public WeightsFile Open(string path) => OnnxFile.Open(
        path,
        Layers.Select(layer => new OnnxLayer(
            $"Convolution{layer.Node}", $"BatchNormalization{layer.Node + 2}", layer.Convolution, layer.BatchNorm)),
        FirstWeight);

    private static IEnumerable<(int, string, string)> Block(string name, int first, int second, int? shortcut = null)
    {
        yield return (first, $"{name}.conv1", $"{name}.bn1");
        yield return (second, $"{name}.conv2", $"{name}.bn2");
        if (shortcut is int projection)
            yield return (projection, $"{name}.downsample.0", $"{name}.downsample.1");
    }
}
