using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Learns, for each slot of a column, the shift and scale that bring its values into a common range.</summary>
public sealed class NormalizingEstimator : IEstimator<NormalizingTransformer>
{
    internal const long DefaultMaximumExampleCount = 1000000000;

    private readonly IHost _host;
    private readonly Settings _settings;

    internal NormalizingEstimator(IHostEnvironment env, Settings settings)
    {
        _host = env.Register(nameof(NormalizingEstimator));
        _host.CheckNonEmpty(settings.OutputColumnName, "name");
        _host.CheckParam(settings.MaximumExampleCount > 1, "maximumExampleCount", "Must be greater than 1");
        _settings = settings;
    }

    public NormalizingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        var column = input.Schema.GetColumnOrNull(_settings.InputColumnName)
            ?? throw _host.ExceptSchemaMismatch("data", "input", _settings.InputColumnName);
        var itemType = column.Type.GetItemType();
        if (column.Type.GetValueCount() == 0 || (itemType != NumberDataViewType.Single && itemType != NumberDataViewType.Double))
        {
            throw _host.ExceptParam(
                "srcType",
                "Wrong column type for input column. Expected: Single, Double, Vector of Single or Vector of Double. "
                + $"Got: {column.Type}.");
        }
        var function = Generic.Call(Learn<float>, itemType.RawType, input, column);
        return new NormalizingTransformer(_host, _settings.OutputColumnName, _settings.InputColumnName, column.Type, function);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        if (!inputSchema.TryFindColumn(_settings.InputColumnName, out var input))
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", _settings.InputColumnName);
        if (input.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw Mismatch("known-size vector or scalar");
        if (!input.ItemType.Equals(NumberDataViewType.Single) && !input.ItemType.Equals(NumberDataViewType.Double))
            throw Mismatch("vector or scalar of Single or Double");

        var annotations = new List<SchemaShape.Column>
        {
            new(AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false),
        };
        if (input.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out var slotNames))
            annotations.Add(slotNames);
        var columns = inputSchema.ToDictionary(column => column.Name);
        columns[_settings.OutputColumnName] = new SchemaShape.Column(
            _settings.OutputColumnName, input.Kind, input.ItemType, input.IsKey, new SchemaShape(annotations));
        return new SchemaShape(columns.Values);

        Exception Mismatch(string expected) => _host.ExceptSchemaMismatch(
            nameof(inputSchema), "input", _settings.InputColumnName, expected, input.GetTypeString());
    }

    private SlotFunction Learn<T>(IDataView data, DataViewSchema.Column column)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var statistics = new SlotStatistics<T>(column.Type.GetValueCount());
        using var cursor = data.GetRowCursor([column]);
        var read = SlotFunction.VectorGetter<T>(cursor, column);
        VBuffer<T> values = default;
        for (long count = 0; count < _settings.MaximumExampleCount && cursor.MoveNext(); count++)
        {
            read(ref values);
            _host.Check(
                values.Length == statistics.SlotCount,
                $"Normalizer expected {statistics.SlotCount} slots but got {values.Length}");
            statistics.Add(values);
        }
        return _settings.Kind switch
        {
            NormalizerKind.MinMax => statistics.ToMinMax(_settings.FixZero),
            NormalizerKind.MeanVariance => statistics.ToMeanVariance(_settings.FixZero),
            _ => statistics.ToCdf(),
        };
    }

    internal enum NormalizerKind
    {
        MinMax,
        MeanVariance,
        MeanVarianceCdf,
    }

    internal sealed record Settings(
        NormalizerKind Kind, string OutputColumnName, string InputColumnName, long MaximumExampleCount, bool FixZero);
}
