using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Learns the distinct values of a column and numbers them from 1.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private readonly IHost _host;
    private readonly Settings _settings;

    internal ValueToKeyMappingEstimator(IHostEnvironment env, Settings settings)
    {
        _host = env.Register(nameof(ValueToKeyMappingEstimator));
        _host.CheckNonWhiteSpace(settings.OutputColumnName, "outputColumnName");
        if (settings.KeyData is { } keyData && keyData.Schema.Count != 1)
        {
            throw _host.ExceptParam(
                "keyData",
                "If specified, this data view should contain only a single column containing the terms to map, "
                + $"but this had {keyData.Schema.Count} columns.");
        }
        _settings = settings;
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using var channel = _host.Start("Training");
        var type = ValueToKeyMappingTransformer.CheckInput(_host, input.Schema, _settings.InputColumnName);
        _host.CheckUserArg(_settings.MaximumNumberOfKeys > 0, "MaxNumTerms", "Must be positive");

        var terms = _settings.KeyData is { } keyData
            ? LearnFromKeyData(keyData, type)
            : TermMap.Learn(input, input.Schema[_settings.InputColumnName], _settings.MaximumNumberOfKeys, _settings.Ordinality);
        if (terms.Count == 0)
            channel.Warning($"Term map for output column '{_settings.OutputColumnName}' contains no entries.");
        return new ValueToKeyMappingTransformer(
            _host, _settings.OutputColumnName, _settings.InputColumnName, terms, _settings.KeyValuesAsText);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        if (!inputSchema.TryFindColumn(_settings.InputColumnName, out var input) || !TermMap.CanMap(input.ItemType))
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", _settings.InputColumnName);

        // Keys of keys stand for what the first keys stood for.
        if (!input.IsKey || !input.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out var keyValues))
        {
            keyValues = new SchemaShape.Column(
                AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector,
                _settings.KeyValuesAsText ? TextDataViewType.Instance : input.ItemType,
                input.IsKey && !_settings.KeyValuesAsText);
        }
        List<SchemaShape.Column> annotations = [keyValues];
        if (input.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out var slotNames))
            annotations.Insert(0, slotNames);

        var columns = inputSchema.ToDictionary(column => column.Name);
        columns[_settings.OutputColumnName] = new SchemaShape.Column(
            _settings.OutputColumnName, input.Kind, NumberDataViewType.UInt32, true, new SchemaShape(annotations));
        return new SchemaShape(columns.Values);
    }

    private TermMap LearnFromKeyData(IDataView keyData, DataViewType inputType)
    {
        var column = keyData.Schema[0];
        if (!column.Type.Equals(inputType.GetItemType()))
        {
            throw _host.ExceptUserArg(
                "keyData", $"Input data's column must be of type '{inputType.GetItemType()}' but was '{column.Type}'");
        }
        return TermMap.Learn(keyData, column, int.MaxValue, _settings.Ordinality);
    }

    internal sealed record Settings(
        string OutputColumnName,
        string InputColumnName,
        int MaximumNumberOfKeys,
        KeyOrdinality Ordinality,
        bool KeyValuesAsText,
        IDataView KeyData);

    public enum KeyOrdinality : byte
    {
        ByOccurrence = 0,
        ByValue = 1,
    }
}
