namespace Microsoft.ML.Data;

/// <summary>Where added columns go: behind the column they hide, or at the end.</summary>
internal sealed class ColumnBindings
{
    // For each output column its input column's index, or the complement of its index among the added ones.
    private readonly int[] _sources;

    public ColumnBindings(DataViewSchema input, DataViewSchema.DetachedColumn[] added)
    {
        InputSchema = input;
        var names = input.Select(column => column.Name).ToList();
        var sources = Enumerable.Range(0, input.Count).ToList();
        for (int i = 0; i < added.Length; i++)
        {
            int hidden = names.LastIndexOf(added[i].Name);
            int place = hidden < 0 ? names.Count : hidden + 1;
            names.Insert(place, added[i].Name);
            sources.Insert(place, ~i);
        }
        _sources = [.. sources];
        AddedColumnIndices = [.. Enumerable.Range(0, added.Length).Select(i => sources.IndexOf(~i))];

        var builder = new DataViewSchema.Builder();
        foreach (int source in _sources)
        {
            if (source >= 0)
                builder.AddColumns([input[source]]);
            else
                builder.AddColumns([added[~source]]);
        }
        Schema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema Schema { get; }

    /// <summary>The index in <see cref="Schema"/> of each added column.</summary>
    public IReadOnlyList<int> AddedColumnIndices { get; }

    /// <summary>Tells whether an output column comes from the input, and its index there or among the added.</summary>
    public int MapColumnIndex(out bool isInput, int column)
    {
        int source = _sources[column];
        isInput = source >= 0;
        return isInput ? source : ~source;
    }

    /// <summary>Which input columns pass to the active output columns unchanged.</summary>
    public bool[] GetActiveInput(bool[] activeOutput)
    {
        var active = new bool[InputSchema.Count];
        for (int i = 0; i < _sources.Length; i++)
            if (_sources[i] >= 0)
                active[_sources[i]] = activeOutput[i];
        return active;
    }
}
