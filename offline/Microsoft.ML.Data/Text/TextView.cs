using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a delimited text file, read again for every cursor.</summary>
internal sealed class TextView : IDataView
{
    private const int SampleSize = 100;

    private readonly IHost _host;
    private readonly TextLoader.Options _options;
    private readonly string _path;
    private readonly TextColumn[] _columns;

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    /// <param name="sampleFile">Whether the file may be looked into to learn its number of fields and its header.</param>
    public TextView(IHostEnvironment env, TextLoader.Options options, string path, bool sampleFile)
    {
        _host = env.Register(nameof(TextLoader));
        _options = options;
        _path = path;
        CheckOptions();

        var columns = options.Columns is { Length: > 0 } ? options.Columns :
        [
            new TextLoader.Column("Label", DataKind.Single, 0),
            new TextLoader.Column("Features", DataKind.Single, [new TextLoader.Range(1, null)]),
        ];
        var sample = sampleFile ? LineReader.ReadSample(path, SampleSize) : [];
        var needsFieldCount = columns.Any(column => column.Source?.Any(range => range.Max == null) == true);
        var fieldCount = needsFieldCount ? CountFields(sample) : 0;
        _columns = columns.Select(column => new TextColumn(column, fieldCount)).ToArray();
        Schema = MakeSchema(options.HasHeader ? sample.FirstOrDefault() : null);
    }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        GetRowCursorSet(columnsNeeded, 1)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = RowCursorUtils.GetActive(Schema, columnsNeeded);
        var count = Math.Max(1, n);
        var reader = new LineReader(_path, _options.HasHeader, _options.MaxRows ?? long.MaxValue, count);
        var statistics = new ParseStatistics(_host, _path, count);
        return Enumerable.Range(0, count)
            .Select(_ => (DataViewRowCursor)new TextCursor(_host, Schema, _columns, active, _options, reader, statistics))
            .ToArray();
    }

    private void CheckOptions()
    {
        _host.CheckUserArg(_options.MaxRows is null or >= 0, nameof(TextLoader.Options.MaxRows), "Must not be negative");
        _host.CheckUserArg(!_options.AllowSparse, nameof(TextLoader.Options.AllowSparse), "Sparse text is not read here");
        if (_options.Separators is not { Length: > 0 })
            throw _host.ExceptUserArg(nameof(TextLoader.Options.Separators), "Must specify a separator");
        foreach (var separator in _options.Separators)
        {
            if ((separator < ' ' && separator != '\t') || char.IsAsciiDigit(separator) || separator == '"')
                throw _host.ExceptUserArg("Separator", $"Illegal separator: '{separator}'");
        }
    }

    private int CountFields(List<string> sample)
    {
        var fields = new TextFields(_options.Separators, _options.AllowQuoting);
        var counts = sample.Select(line => { fields.Split(Trim(_options, line), int.MaxValue); return fields.Count; }).Distinct().ToArray();
        return counts.Length switch
        {
            1 => counts[0],
            0 => throw _host.ExceptUserArg(nameof(TextLoader.Column.Source), "Can't determine the number of source columns without valid data"),
            _ => throw _host.ExceptUserArg(nameof(TextLoader.Column.Source), "The size of input lines is not consistent"),
        };
    }

    /// <summary>The header names the slots of the vector columns.</summary>
    private DataViewSchema MakeSchema(string header)
    {
        var names = new TextFields(_options.Separators, _options.AllowQuoting);
        if (header != null)
            names.Split(header.AsMemory(), int.MaxValue);

        var builder = new DataViewSchema.Builder();
        foreach (var column in _columns)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            var slotNames = column.Fields.Select(field => field < names.Count ? names[field].Trim() : default).ToArray();
            if (column.Type is VectorDataViewType && slotNames.Any(name => !name.IsEmpty))
            {
                annotations.AddSlotNames(slotNames.Length, (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(slotNames.Length, slotNames).CopyTo(ref value));
            }
            builder.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }
        return builder.ToSchema();
    }

    internal static ReadOnlyMemory<char> Trim(TextLoader.Options options, string line) =>
        options.TrimWhitespace ? line.AsMemory().TrimEnd() : line.AsMemory();
}
