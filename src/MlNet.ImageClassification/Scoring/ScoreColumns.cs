using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The columns that scoring adds to a schema, with the annotations ML.NET's evaluators and users look for.</summary>
internal static class ScoreColumns
{
    private const string ScoreColumnSetId = "ScoreColumnSetId";

    /// <summary>The input's columns, then Score, then PredictedLabel.</summary>
    public static DataViewSchema AddTo(
        DataViewSchema input, int classCount, KeyNames classes, string scoreColumnName, string predictedLabelColumnName)
    {
        uint setId = NextSetId(input);
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(input);

        var score = Common(setId, "Score");
        classes.AddSlotNamesTo(score);
        classes.AddValuesTo(score, "TrainingLabelValues");
        schema.AddColumn(scoreColumnName, new VectorDataViewType(NumberDataViewType.Single, classCount), score.ToAnnotations());

        var predicted = Common(setId, "PredictedLabel");
        classes.AddKeyValuesTo(predicted);
        schema.AddColumn(predictedLabelColumnName, new KeyDataViewType(typeof(uint), classCount), predicted.ToAnnotations());
        return schema.ToSchema();
    }

    private static DataViewSchema.Annotations.Builder Common(uint setId, string valueKind)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ValueGetter<uint> id = (ref uint value) => value = setId;
        annotations.Add(ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), id);
        AddText("ScoreColumnKind", "MulticlassClassification");
        AddText("ScoreValueKind", valueKind);
        return annotations;

        void AddText(string name, string text)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = (ref ReadOnlyMemory<char> value) => value = text.AsMemory();
            annotations.Add(name, TextDataViewType.Instance, getter);
        }
    }

    // Each scorer in a pipeline has a number of its own.
    private static uint NextSetId(DataViewSchema input)
    {
        uint highest = 0;
        foreach (var column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(ScoreColumnSetId) is not { Type: KeyDataViewType type }
                || type.RawType != typeof(uint))
                continue;
            uint id = 0;
            column.Annotations.GetValue(ScoreColumnSetId, ref id);
            highest = Math.Max(highest, id);
        }
        return highest + 1;
    }
}
