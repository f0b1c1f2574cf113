using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using MlNet.ImageClassification;

namespace ImageScoring;

/// <summary>A file of <c>SaveOnnx</c>, which takes the pixels of any number of images; ONNX Runtime computes it, without LibTorch.</summary>
internal sealed class OnnxFile : ImageModel
{
    private const int Colors = 3;

    private readonly MLContext _mlContext = new();
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string _scores;
    private readonly bool _isBytes;
    private readonly bool _isInterleaved;
    private readonly long _maximumPixels;
    private readonly LoadImageFilesTransformer _reading;
    private readonly ConcurrentBag<PredictionEngine<Upload, Pixels>> _readers = [];

    private OnnxFile(InferenceSession session, string path, long maximumPixels)
    {
        (_session, _maximumPixels) = (session, maximumPixels);
        var metadata = session.ModelMetadata.CustomMetadataMap;
        if (!metadata.TryGetValue("classes", out string? classes) || !metadata.TryGetValue("architecture", out string? architecture)
            || !metadata.TryGetValue("input", out string? input))
            throw Unusable(path, "its metadata lack 'classes', 'architecture' or 'input'");
        Architecture = architecture;
        (_input, var layout) = session.InputMetadata.Single();
        // What the values are called is the model's business; the probabilities are the output of floats.
        (_scores, var output) = session.OutputMetadata.Single(value => value.Value.ElementType == typeof(float));
        _isBytes = layout.ElementType == typeof(byte);
        _isInterleaved = input.StartsWith("[N, height, width", StringComparison.Ordinal);
        var (channels, height, width) = layout.Dimensions switch
        {
            [_, var h, var w, var c] when _isInterleaved => (c, h, w),
            [_, var c, var h, var w] => (c, h, w),
            _ => throw Unusable(path, "its input has not four dimensions"),
        };
        if (channels != Colors)
            throw Unusable(path, $"its images have {channels} channels instead of {Colors}");
        ImageSize = $"{width} x {height}";
        ClassNames = JsonSerializer.Deserialize<string[]>(classes) is { Length: > 0 } names
            ? names : [.. Enumerable.Range(1, output.Dimensions[^1]).Select(key => $"{key}")];
        _reading = _mlContext.Transforms.LoadImageFiles(nameof(Pixels.Values), width, height, nameof(Upload.File))
            .Fit(_mlContext.Data.LoadFromEnumerable<Upload>([]));
    }

    public override IReadOnlyList<string> ClassNames { get; }

    public override string Architecture { get; }

    public override string ImageSize { get; }

    public static new OnnxFile Load(string path, long maximumPixels)
    {
        byte[] file = File.ReadAllBytes(path);
        InferenceSession? session = null;
        try
        {
            session = new InferenceSession(file);
            return new OnnxFile(session, path, maximumPixels);
        }
        catch (Exception e) when (e is OnnxRuntimeException or JsonException or InvalidOperationException)
        {
            session?.Dispose();
            throw Unusable(path, e.Message, e);
        }
    }

    public override ReadyImage Read(byte[] file)
    {
        EncodedImage.CheckHeader(file, _maximumPixels);
        if (!_readers.TryTake(out var reader))
            reader = _mlContext.Model.CreatePredictionEngine<Upload, Pixels>(_reading, new PredictionEngineOptions { OwnsTransformer = false });
        try
        {
            return reader.Predict(new Upload { File = file });
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(EncodedImage.Sentence(e.InnerException ?? e), e);
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    public override float[][] Score(IReadOnlyList<ReadyImage> images)
    {
        var values = images.Cast<Pixels>().SelectMany(image => _isInterleaved ? image.Values : ByChannel(image.Values)).ToArray();
        long[] shape = [images.Count, .. _session.InputMetadata[_input].Dimensions[1..].Select(size => (long)size)];
        using var input = _isBytes
            ? OrtValue.CreateTensorValueFromMemory(values, shape)
            : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (float)value), shape);
        using var options = new RunOptions();
        using var results = _session.Run(options, [_input], [input], [_scores]);
        return [.. results[0].GetTensorDataAsSpan<float>().ToArray().Chunk(ClassNames.Count)];
    }

    public override byte[][] Explain(IReadOnlyList<ReadyImage> images) =>
        throw new NotSupportedException("A model in ONNX's format cannot explain what it sees; use the model.zip.");

    public override void Dispose()
    {
        while (_readers.TryTake(out var reader))
            reader.Dispose();
        _session.Dispose();
    }

    private static IEnumerable<byte> ByChannel(byte[] pixels) =>
        Enumerable.Range(0, Colors).SelectMany(color => pixels.Where((_, index) => index % Colors == color));

    private static InvalidDataException Unusable(string path, string reason, Exception? inner = null) => new(
        $"'{path}' is no model that SaveOnnx of this library wrote: {reason.TrimEnd('.')}.", inner);

    private sealed class Pixels : ReadyImage
    {
        public byte[] Values { get; set; } = [];
    }
}
