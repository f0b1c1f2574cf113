using System.Collections;
using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace ImageScoring;

/// <summary>A pipeline whose network reads images as one type of value.</summary>
/// <typeparam name="T">byte[], float[] or MLImage.</typeparam>
internal sealed class SavedPipeline<T> : ImageModel
    where T : class
{
    private readonly MLContext _mlContext;
    private readonly ITransformer _reading;
    private readonly SchemaDefinition _upload;
    private readonly ImageClassificationTransformer _network;
    private readonly ITransformer _model;
    private readonly bool _decodes;
    private readonly long _maximumPixels;
    private readonly SchemaDefinition _ready;
    private readonly ConcurrentBag<PredictionEngine<Upload, Ready>> _readers = [];
    private readonly Lock _scoring = new();
    private readonly Batch _batch = new();
    private readonly IDataView _scored;
    // A network of its own: who never explains does not pay for it.
    private readonly Lazy<GradCamTransformer> _explainer;

    /// <param name="mlContext">The context of the model.</param>
    /// <param name="reading">From an upload to the network's column.</param>
    /// <param name="upload">How an upload's columns are named.</param>
    /// <param name="network">The network.</param>
    /// <param name="model">What owns the network, to be disposed.</param>
    /// <param name="decodes">Whether the reading part wants the image decoded.</param>
    /// <param name="maximumPixels">The most pixels that an image may have.</param>
    /// <param name="features">The type of the network's column.</param>
    public SavedPipeline(
        MLContext mlContext, ITransformer reading, SchemaDefinition upload, ImageClassificationTransformer network, ITransformer model,
        bool decodes, long maximumPixels, DataViewType features)
    {
        (_mlContext, _reading, _upload, _network, _model) = (mlContext, reading, upload, network, model);
        (_decodes, _maximumPixels) = (decodes, maximumPixels);
        ClassNames = network.ClassNames.Count > 0 ? network.ClassNames : [.. Enumerable.Range(1, network.ClassCount).Select(key => $"{key}")];
        _ready = SchemaDefinition.Create(typeof(Ready));
        var values = _ready[nameof(Ready.Values)];
        (values.ColumnName, values.ColumnType) = (network.FeatureColumnName, features);
        var batch = mlContext.Data.LoadFromEnumerable(_batch, _ready);
        _scored = network.Transform(batch);
        _explainer = new(() => mlContext.Transforms.GradCam("Explanation", network).Fit(batch));
    }

    public override IReadOnlyList<string> ClassNames { get; }

    public override string Architecture => _network.Architecture;

    public override string ImageSize => $"{_network.ImageShape.Width} x {_network.ImageShape.Height}";

    public override ReadyImage Read(byte[] file)
    {
        EncodedImage.CheckHeader(file, _maximumPixels);
        // An engine serves one caller at a time; there are as many as there were callers at once.
        if (!_readers.TryTake(out var reader))
            reader = _mlContext.Model.CreatePredictionEngine<Upload, Ready>(
                _reading, new PredictionEngineOptions { InputSchemaDefinition = _upload, OutputSchemaDefinition = _ready, OwnsTransformer = false });
        using var image = _decodes ? EncodedImage.Decode(file) : null;
        try
        {
            return reader.Predict(new Upload { File = _decodes ? [] : file, Image = image });
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
        lock (_scoring)
        {
            _batch.Images = images;
            var column = _scored.Schema[ScoreColumn(_scored.Schema)];
            using var cursor = _scored.GetRowCursor([column]);
            var getter = cursor.GetGetter<VBuffer<float>>(column);
            var scores = new float[images.Count][];
            VBuffer<float> row = default;
            for (int i = 0; i < scores.Length && cursor.MoveNext(); i++)
            {
                getter(ref row);
                scores[i] = [.. row.DenseValues()];
            }
            return scores;
        }
    }

    public override byte[][] Explain(IReadOnlyList<ReadyImage> images)
    {
        lock (_scoring)
        {
            _batch.Images = images;
            var explained = _explainer.Value.Transform(_mlContext.Data.LoadFromEnumerable(_batch, _ready));
            var column = explained.Schema[_explainer.Value.OutputColumnName];
            using var cursor = explained.GetRowCursor([column]);
            var getter = cursor.GetGetter<MLImage>(column);
            var files = new byte[images.Count][];
            MLImage image = null!;
            for (int i = 0; i < files.Length && cursor.MoveNext(); i++)
            {
                getter(ref image);
                files[i] = EncodedImage.Png(image);
            }
            image?.Dispose();
            return files;
        }
    }

    public override void Dispose()
    {
        if (_explainer.IsValueCreated)
            _explainer.Value.Dispose();
        while (_readers.TryTake(out var reader))
            reader.Dispose();
        (_model as IDisposable)?.Dispose();
        _network.Dispose();
    }

    // The column before the last: Score and PredictedLabel are added behind all others, whatever they are called.
    private static int ScoreColumn(DataViewSchema schema) => schema.Count - 2;

    private sealed class Ready : ReadyImage
    {
        public T Values { get; set; } = null!;
    }

    /// <summary>The images of the forward pass at hand, as the rows of a view that is made once.</summary>
    private sealed class Batch : IEnumerable<Ready>
    {
        public IReadOnlyList<ReadyImage> Images { get; set; } = [];

        public IEnumerator<Ready> GetEnumerator() => Images.Cast<Ready>().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
