using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Computes the metrics of scored data. Rows without a label, or with a score that is no number, do not count.</summary>
internal static class MulticlassEvaluator
{
    public static MulticlassClassificationMetrics Evaluate(
        IHostEnvironment env, IDataView data, string label, string score, string predictedLabel, int topKPredictionCount)
    {
        var labelColumn = FindColumn(env, data.Schema, "Label", label);
        var scoreColumn = FindColumn(env, data.Schema, "Score", score);
        FindColumn(env, data.Schema, "PredictedLabel", predictedLabel);
        int classCount = CheckTypes(env, labelColumn, scoreColumn);

        var counts = new MulticlassCounts(classCount);
        using (var cursor = data.GetRowCursor([labelColumn, scoreColumn]))
        {
            var getLabel = LabelGetter(cursor, labelColumn);
            var getScore = cursor.GetGetter<VBuffer<float>>(scoreColumn);
            VBuffer<float> buffer = default;
            var scores = new float[classCount];
            while (cursor.MoveNext())
            {
                float value = getLabel();
                if (float.IsNaN(value) || value < 0 || value != (int)value)
                    continue;
                getScore(ref buffer);
                env.Check(buffer.Length == classCount, $"Score column '{score}' has {buffer.Length} slots, expected {classCount}");
                buffer.CopyTo(scores);
                if (scores.All(float.IsFinite))
                    counts.Add((int)value, scores);
            }
        }
        return new MulticlassClassificationMetrics(counts, topKPredictionCount, ClassNames(scoreColumn, classCount));
    }

    private static DataViewSchema.Column FindColumn(IHostEnvironment env, DataViewSchema schema, string role, string name) =>
        // The real package's words, which change the places of the name and the role.
        schema.GetColumnOrNull(name) ?? throw env.ExceptParam(nameof(schema), $"{name} column '{role}' not found");

    private static int CheckTypes(IHostEnvironment env, DataViewSchema.Column label, DataViewSchema.Column score)
    {
        if (score.Type is not VectorDataViewType { Size: >= 2 } vector || vector.ItemType != NumberDataViewType.Single)
        {
            throw env.ExceptSchemaMismatch(
                "schema", "score", score.Name, "vector of two or more items of type Single", score.Type.ToString());
        }
        if (label.Type != NumberDataViewType.Single && label.Type is not KeyDataViewType)
            throw env.ExceptSchemaMismatch("schema", "label", label.Name, "Single or Key", label.Type.ToString());
        return vector.Size;
    }

    /// <summary>A function that gives the current row's class, counted from 0; NaN where it is missing.</summary>
    private static Func<float> LabelGetter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
            return Read<float>(value => value);
        if (column.Type.RawType == typeof(byte))
            return Read<byte>(value => FromKey(value));
        if (column.Type.RawType == typeof(ushort))
            return Read<ushort>(value => FromKey(value));
        if (column.Type.RawType == typeof(uint))
            return Read<uint>(value => FromKey(value));
        return Read<ulong>(FromKey);

        Func<float> Read<T>(Func<T, float> convert)
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                return convert(value);
            };
        }

        static float FromKey(ulong key) => key == 0 ? float.NaN : key - 1;
    }

    private static string[] ClassNames(DataViewSchema.Column score, int classCount)
    {
        if (!score.HasSlotNames(classCount))
            return [.. Enumerable.Range(0, classCount).Select(i => i.ToString())];
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.Annotations.GetValue(AnnotationUtils.Kinds.SlotNames, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
