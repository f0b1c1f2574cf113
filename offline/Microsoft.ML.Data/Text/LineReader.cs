using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A run of lines, with where it stands in the file.</summary>
/// <param name="Index">Number of this batch in the file.</param>
/// <param name="FirstRow">Row number of the first line.</param>
/// <param name="Lines">The lines with their line numbers, counted from 1.</param>
internal sealed record LineBatch(long Index, long FirstRow, List<(long Number, string Text)> Lines);

/// <summary>
/// Hands out the lines of a file in batches, to any number of cursors. Empty lines, lines that start with "//" and
/// lines with '#' before the first row are no rows; the header is skipped.
/// </summary>
internal sealed class LineReader(string path, bool hasHeader, long maxRows, int cursorCount)
{
    private const int BatchSize = 64;

    private readonly object _lock = new();
    private StreamReader _reader;
    private long _lineNumber;
    private long _rowCount;
    private long _batchCount;
    private bool _inPreamble = true;
    private bool _ended;
    private int _cursorCount = cursorCount;

    public LineBatch NextBatch()
    {
        lock (_lock)
        {
            var batch = new LineBatch(_batchCount++, _rowCount, []);
            try
            {
                while (batch.Lines.Count < BatchSize && _rowCount < maxRows && NextRow() is { } line)
                {
                    batch.Lines.Add((_lineNumber, line));
                    _rowCount++;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Contracts.ExceptDecode(null, exception, $"Stream reading encountered exception: '{path}', line {_lineNumber + 1}");
            }
            return batch.Lines.Count > 0 ? batch : null;
        }
    }

    /// <summary>The first line of the file that is neither empty nor a comment, and those after it.</summary>
    public static List<string> ReadSample(string path, int count)
    {
        var reader = new LineReader(path, hasHeader: false, maxRows: count, cursorCount: 1);
        try
        {
            var lines = new List<string>();
            while (reader.NextBatch() is { } batch)
                lines.AddRange(batch.Lines.Select(line => line.Text));
            return lines;
        }
        finally
        {
            reader.Release();
        }
    }

    /// <summary>Called by each cursor when it is done; the last one closes the file.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_cursorCount > 0)
                return;
            _ended = true;
            _reader?.Dispose();
        }
    }

    private string NextRow()
    {
        while (!_ended)
        {
            _reader ??= new StreamReader(path);
            var line = _reader.ReadLine();
            if (line == null)
            {
                _ended = true;
                break;
            }

            _lineNumber++;
            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal) || (_inPreamble && line[0] == '#'))
                continue;
            var isHeader = _inPreamble && hasHeader;
            _inPreamble = false;
            if (!isHeader)
                return line;
        }
        return null;
    }
}
