using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Adds Score and PredictedLabel to single rows; a PredictionEngine scores through it.</summary>
internal sealed class ScoreMapper : ColumnAddingMapper
{
    private readonly Scorer _scorer;
    private readonly int _classCount;

    private ScoreMapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column features, ImageLayout layout, Scorer scorer,
        int classCount)
        : base(input, output, features)
    {
        Layout = layout;
        (_scorer, _classCount) = (scorer, classCount);
    }

    /// <summary>How the images lie in the column to be scored.</summary>
    public ImageLayout Layout { get; }

    /// <summary>Binds a model to a schema.</summary>
    /// <exception cref="InvalidOperationException">The schema has no column of such images.</exception>
    public static ScoreMapper Bind(DataViewSchema input, ModelDefinition model, Scorer scorer)
    {
        var features = input.Required(model.FeatureColumnName, "features");
        var layout = model.Layout.Bind(features.Name, features.Type);
        var output = ScoreColumns.AddTo(
            input, model.ClassCount, model.Classes, model.ScoreColumnName, model.PredictedLabelColumnName);
        return new ScoreMapper(input, output, features, layout, scorer, model.ClassCount);
    }

    public override Delegate[] CreateGetters(DataViewRow input)
    {
        var reader = PixelReader.Create(input, Source, Layout);
        var pixels = new float[Layout.Size];
        var scores = new float[_classCount];
        long scored = long.MinValue;
        return Getters(() =>
        {
            if (input.Position == scored)
                return scores;
            scored = long.MinValue;
            Read(reader, pixels, input.Position);
            _scorer.Score(pixels, Layout, scores);
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

    /// <summary>Reads the image of a row.</summary>
    public void Read(PixelReader reader, Span<float> pixels, long row) => Read(reader, pixels, row, "scored");

    private static uint KeyOfHighest(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best])
                best = i;
        return (uint)best + 1;
    }
}

/// <summary>Gives the class probabilities of the current row.</summary>
internal delegate ReadOnlySpan<float> ScoresOfRow();
