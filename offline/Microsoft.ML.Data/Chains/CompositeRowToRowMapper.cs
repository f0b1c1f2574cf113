using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Row-to-row mappers one after the other, each bound to the output of the one before.</summary>
internal sealed class CompositeRowToRowMapper : IRowToRowMapper, IDisposable
{
    private readonly IRowToRowMapper[] _mappers;

    public CompositeRowToRowMapper(DataViewSchema inputSchema, IRowToRowMapper[] mappers)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        InputSchema = inputSchema;
        OutputSchema = mappers.LastOrDefault()?.OutputSchema ?? inputSchema;
        _mappers = mappers;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        _mappers.Reverse().Aggregate(dependingColumns, (needed, mapper) => mapper.GetDependencies(needed));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckValue(activeColumns, nameof(activeColumns));
        Contracts.CheckParam(input.Schema == InputSchema, nameof(input), "Schema did not match original schema");

        bool[] active = RowCursorUtils.GetActive(OutputSchema, activeColumns);
        IEnumerable<DataViewSchema.Column> needed = OutputSchema.Where(column => active[column.Index]);
        if (_mappers.Length == 0)
        {
            foreach (var column in needed)
                Contracts.CheckParam(
                    input.IsColumnActive(column),
                    nameof(input),
                    $"Mapper required column '{column.Name}' active but it was not.");
            return input;
        }

        var neededOf = new IEnumerable<DataViewSchema.Column>[_mappers.Length];
        for (int i = _mappers.Length - 1; i >= 0; i--)
        {
            neededOf[i] = needed;
            needed = _mappers[i].GetDependencies(needed);
        }
        var row = input;
        for (int i = 0; i < _mappers.Length; i++)
            row = _mappers[i].GetRow(row, neededOf[i]);
        return row;
    }

    public void Dispose()
    {
        foreach (var mapper in _mappers)
            (mapper as IDisposable)?.Dispose();
    }
}
