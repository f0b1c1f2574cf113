using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Parses the active columns of one row at a time.</summary>
internal sealed class TextCursor : RootCursorBase
{
    private readonly TextLoader.Options _options;
    private readonly LineReader _reader;
    private readonly ParseStatistics _statistics;
    private readonly TextFields _fields;
    private readonly int _fieldsNeeded;
    private readonly ColumnParser[] _parsers;
    private LineBatch _batch;
    private int _indexInBatch;
    private bool _disposed;

    public override DataViewSchema Schema { get; }

    public override long Batch => _batch?.Index ?? 0;

    public TextCursor(IHost host, DataViewSchema schema, TextColumn[] columns, bool[] active,
        TextLoader.Options options, LineReader reader, ParseStatistics statistics)
        : base(host)
    {
        Schema = schema;
        _options = options;
        _reader = reader;
        _statistics = statistics;
        _fields = new TextFields(options.Separators, options.AllowQuoting);
        _parsers = columns.Select((column, i) => active[i] ? ColumnParser.Create(column, options, statistics) : null).ToArray();
        _fieldsNeeded = columns.Where((_, i) => active[i]).SelectMany(column => column.Fields).DefaultIfEmpty(0).Max() + 1;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _parsers[column.Index] != null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
        return RowCursorUtils.Cast<TValue>(_parsers[column.Index].Getter);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => value = new DataViewRowId((ulong)(_batch.FirstRow + _indexInBatch), 0);

    protected override bool MoveNextCore()
    {
        _indexInBatch++;
        if (_batch == null || _indexInBatch >= _batch.Lines.Count)
        {
            _batch = _reader.NextBatch();
            _indexInBatch = 0;
        }
        if (_batch == null)
            return false;

        var (number, text) = _batch.Lines[_indexInBatch];
        for (var errors = _fields.Split(TextView.Trim(_options, text), _fieldsNeeded); errors > 0; errors--)
            _statistics.FormatError(number);
        foreach (var parser in _parsers)
            parser?.Parse(_fields, number);
        _statistics.CountRow();
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _reader.Release();
            _statistics.Release();
        }
        _disposed = true;
        base.Dispose(disposing);
    }

    private abstract class ColumnParser
    {
        public abstract Delegate Getter { get; }

        public abstract void Parse(TextFields fields, long line);

        public static ColumnParser Create(TextColumn column, TextLoader.Options options, ParseStatistics statistics)
        {
            var itemType = column.Type is VectorDataViewType vector ? vector.ItemType : (PrimitiveDataViewType)column.Type;
            return (ColumnParser)Activator.CreateInstance(
                typeof(ColumnParser<>).MakeGenericType(itemType.RawType), column, itemType, options, statistics);
        }
    }

    private sealed class ColumnParser<T>(TextColumn column, PrimitiveDataViewType itemType, TextLoader.Options options, ParseStatistics statistics)
        : ColumnParser
    {
        private readonly TextParser<T> _parse = (TextParser<T>)TextValue.ParserOf(itemType, options.MissingRealsAsNaNs);
        private readonly bool _hasMissing = TextValue.HasMissing(itemType);
        private readonly bool _isReal = itemType.RawType == typeof(float) || itemType.RawType == typeof(double);
        private readonly bool _isVector = column.Type is VectorDataViewType;
        private readonly T[] _values = new T[column.Fields.Length];

        public override Delegate Getter => _isVector
            ? new ValueGetter<VBuffer<T>>(GetVector)
            : new ValueGetter<T>((ref T value) => value = _values[0]);

        public override void Parse(TextFields fields, long line)
        {
            for (var slot = 0; slot < _values.Length; slot++)
            {
                var field = column.Fields[slot];
                var text = field < fields.Count ? fields[field] : default;
                _values[slot] = default;
                if (text.IsEmpty && !(_isReal && options.MissingRealsAsNaNs))
                    continue;
                if (_parse(text, out _values[slot]))
                    continue;
                if (!_hasMissing)
                    throw CannotParse(text, slot, line);
                statistics.BadValue(line, column.Name, _isVector ? slot : null);
            }
        }

        private Exception CannotParse(ReadOnlyMemory<char> text, int slot, long line)
        {
            var message = _isVector
                ? $"Could not parse value {text} in slot {slot} of column {column.Name} in line {line}"
                : $"Could not parse value {text} in line {line}, column {column.Name}";
            return Contracts.ExceptDecode(null, Contracts.Except(message), $"Parsing failed with an exception: {message}");
        }

        private void GetVector(ref VBuffer<T> value)
        {
            var editor = VBufferEditor.Create(ref value, _values.Length);
            _values.CopyTo(editor.Values);
            value = editor.Commit();
        }
    }
}
