using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Adds Score and PredictedLabel to single rows; a PredictionEngine scores through it.</summary>
internal sealed class ScoreMapper : ColumnAddingMapper
{
    /// <summary>What a row with a bad image has, for the log.</summary>
    public const string MissingScores = "missing scores";

    private readonly Scorer _scorer;
    private readonly int _classCount;

    // Read for the message of a bad image only.
    private readonly DataViewSchema.Column? _path;

    private ScoreMapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column features, ImageLayout layout, ModelDefinition model,
        Scorer scorer, IHostEnvironment? environment)
        : base(input, output, features)
    {
        (Layout, Environment) = (layout, environment);
        SkipsBadImages = model.BadImages == BadImagePolicy.Skip;
        (_scorer, _classCount) = (scorer, model.ClassCount);
        _path = ImagePathColumn.Find(input);
    }

    /// <summary>How the images lie in the column to be scored.</summary>
    public ImageLayout Layout { get; }

    /// <summary>Whether a row whose image cannot be scored gets missing scores rather than an exception.</summary>
    public bool SkipsBadImages { get; }

    /// <summary>Receives the log; null for none.</summary>
    public IHostEnvironment? Environment { get; }

    /// <summary>Binds a model to a schema.</summary>
    /// <exception cref="InvalidOperationException">The schema has no column of such images.</exception>
    public static ScoreMapper Bind(DataViewSchema input, ModelDefinition model, Scorer scorer, IHostEnvironment? environment)
    {
        var features = input.Required(model.FeatureColumnName, "features");
        var layout = model.Layout.Bind(features.Name, features.Type);
        var output = ScoreColumns.AddTo(
            input, model.ClassCount, model.Classes, model.ScoreColumnName, model.PredictedLabelColumnName);
        return new ScoreMapper(input, output, features, layout, model, scorer, environment);
    }

    public override IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var depending = dependingColumns.ToArray();
        var needed = base.GetDependencies(depending);
        return _path is { } path && depending.Any(column => IsAdded(column.Index))
            ? needed.UnionBy([path], column => column.Index)
            : needed;
    }

    public override Delegate[] CreateGetters(DataViewRow input, out Action? disposer)
    {
        disposer = null;
        var reader = PixelReader.Create(input, Source, Layout);
        var image = new byte[ScoringBatch.BytesOf(Layout)];
        var scores = new float[_classCount];
        var skipped = new SkippedImages(Environment, MissingScores);
        long scored = long.MinValue;
        return Getters(() =>
        {
            if (input.Position == scored)
                return scores;
            scored = long.MinValue;
            if (Read(reader, image, input) is { } reason)
            {
                scores.AsSpan().Fill(float.NaN);
                skipped.Add(reason);
                skipped.Report();
            }
            else
            {
                _scorer.Score(image, Layout, scores);
            }
            scored = input.Position;
            return scores;
        });
    }

    /// <summary>The getters of Score and PredictedLabel, given the scores of the current row.</summary>
    public static Delegate[] Getters(ScoresOfRow scores)
    {
        ValueGetter<VBuffer<float>> score = (ref VBuffer<float> value) =>
        {
            var current = scores();
            var editor = VBufferEditor.Create(ref value, current.Length);
            current.CopyTo(editor.Values);
            value = editor.Commit();
        };
        ValueGetter<uint> predicted = (ref uint value) => value = KeyOfHighest(scores());
        return [score, predicted];
    }

    /// <summary>Reads the image of the input's current row.</summary>
    /// <param name="reader">The reader of the column.</param>
    /// <param name="image">Room for its values, as a <see cref="ScoringBatch"/> holds them.</param>
    /// <param name="input">The row.</param>
    /// <returns>Null, or where bad images are skipped why the row has none.</returns>
    /// <exception cref="InvalidOperationException">The row has no usable image, and the model was trained to fail then.</exception>
    public string? Read(PixelReader reader, Span<byte> image, DataViewRow input)
    {
        try
        {
            if (Layout.IsBytes)
                reader.Read(image);
            else
                reader.Read(MemoryMarshal.Cast<byte, float>(image));
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            string reason =
                $"The image in column '{Source.Name}' of row {input.Position}{FileOf(input)} cannot be scored: {e.Message.TrimEnd('.')}.";
            if (SkipsBadImages)
                return reason;
            throw new InvalidOperationException(
                $"{reason} Repair or remove it; a model trained with {nameof(ImageClassificationOptions.BadImages)} set to " +
                $"{nameof(BadImagePolicy.Skip)} gives such a row missing scores.", e);
        }
    }

    private string FileOf(DataViewRow input)
    {
        if (_path is not { } path || !input.IsColumnActive(path))
            return "";
        ReadOnlyMemory<char> file = default;
        input.GetGetter<ReadOnlyMemory<char>>(path)(ref file);
        return file.IsEmpty ? "" : $" ('{file}')";
    }

    // A row without scores has no label either.
    private static uint KeyOfHighest(ReadOnlySpan<float> scores)
    {
        if (float.IsNaN(scores[0]))
            return 0;
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best])
                best = i;
        return (uint)best + 1;
    }
}

/// <summary>Gives the class probabilities of the current row.</summary>
internal delegate ReadOnlySpan<float> ScoresOfRow();
