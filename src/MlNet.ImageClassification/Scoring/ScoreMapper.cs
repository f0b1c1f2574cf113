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

    // Read for bad images only.
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
        var reader = ImageOf(input);
        var image = new byte[Layout.Bytes];
        var scores = new float[_classCount];
        var skipped = new SkippedImages(Environment, MissingScores);
        long scored = long.MinValue;
        return Getters(() =>
        {
            if (input.Position == scored)
                return scores;
            scored = long.MinValue;
            if (Read(reader, image, input.Position) is { } reason)
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

    /// <summary>The image of a row.</summary>
    public RowImage ImageOf(DataViewRow input) => new(input, Source, Layout, _path);

    /// <summary>Reads the image of the input's current row.</summary>
    /// <param name="image">The reader of the image.</param>
    /// <param name="values">Room for its values, as a <see cref="ImageBatch"/> holds them.</param>
    /// <param name="row">The row's number, for the message.</param>
    /// <returns>Null, or where bad images are skipped why the row has none.</returns>
    /// <exception cref="InvalidOperationException">The row has no usable image, and the model was trained to fail then.</exception>
    public string? Read(RowImage image, Span<byte> values, long row)
    {
        if (image.TryRead(values) is not { } failure)
            return null;
        string file = image.Path() is { Length: > 0 } path ? $" ('{path}')" : "";
        string reason = $"The image in column '{Source.Name}' of row {row}{file} cannot be scored: {RowImage.Cause(failure)}.";
        if (SkipsBadImages)
            return reason;
        throw new InvalidOperationException(
            $"{reason} Repair or remove it; a model trained with {nameof(ImageClassificationOptions.BadImages)} set to " +
            $"{nameof(BadImagePolicy.Skip)} gives such a row missing scores.", failure);
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
