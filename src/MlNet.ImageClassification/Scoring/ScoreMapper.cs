using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Adds Score and PredictedLabel.</summary>
internal sealed class ScoreMapper : NetworkMapper
{
    private ScoreMapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column features, ModelDefinition model, Scorer scorer,
        IHostEnvironment? environment)
        : base(input, output, features, model, scorer, environment)
    {
    }

    /// <summary>Binds a model to a schema.</summary>
    /// <exception cref="InvalidOperationException">The schema has no column of such images.</exception>
    public static ScoreMapper Bind(DataViewSchema input, ModelDefinition model, Scorer scorer, IHostEnvironment? environment)
    {
        var features = input.Required(model.FeatureColumnName, "features");
        var output = ScoreColumns.AddTo(
            input, model.ClassCount, model.Classes, model.ScoreColumnName, model.PredictedLabelColumnName);
        return new ScoreMapper(input, output, features, model, scorer, environment);
    }

    public override bool CanWriteOnnx => true;

    public override void WriteOnnx(OnnxGraph graph, string input, IReadOnlyList<string> outputs)
    {
        OnnxModel.WriteScores(graph, Model, Scorer.Weights, graph.Images(input, Layout, reshape: true), outputs[0]);
        graph.KeyOfHighest(outputs[0], outputs[1]);
    }

    public override Delegate[] Getters(IScoredRow row)
    {
        ValueGetter<uint> predicted = (ref uint value) => value = KeyOfHighest(row.Values);
        return [VectorGetter(row), predicted];
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
