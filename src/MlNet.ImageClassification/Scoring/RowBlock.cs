using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Rows read ahead: their images, what passes through, and room for what the network gives.</summary>
internal sealed class RowBlock : IDisposable
{
    private readonly ImageBatch _images;
    private readonly int _valuesPerRow;
    private readonly float[] _values;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;
    private readonly string?[] _badImages;

    public RowBlock(DataViewRow input, IEnumerable<int> columns, ImageLayout layout, int capacity, int valuesPerRow)
    {
        _images = new ImageBatch(layout, capacity, pinned: false);
        _valuesPerRow = valuesPerRow;
        _values = new float[capacity * valuesPerRow];
        _ids = new DataViewRowId[capacity];
        _batches = new long[capacity];
        _badImages = new string?[capacity];
        Columns = columns.ToDictionary(
            column => column, column => ColumnBuffer.Create(input, input.Schema[column], capacity));
    }

    public int Count { get; private set; }

    public IReadOnlyList<DataViewRowId> Ids => _ids;

    public IReadOnlyList<long> Batches => _batches;

    /// <summary>Why a row has no usable image; null where it has.</summary>
    public IReadOnlyList<string?> BadImages => _badImages;

    /// <summary>The columns that pass through, by index.</summary>
    public IReadOnlyDictionary<int, ColumnBuffer> Columns { get; }

    /// <summary>Where the image of the next row goes, before the row is added.</summary>
    public Span<byte> NextImage => _images.Image(Count);

    /// <summary>What the network gave for a row.</summary>
    public Span<float> Values(int row) => _values.AsSpan(row * _valuesPerRow, _valuesPerRow);

    /// <summary>The values of a row's image, as an <see cref="ImageBatch"/> holds them.</summary>
    public ReadOnlySpan<byte> Image(int row) => _images.Image(row);

    /// <summary>Forgets the rows.</summary>
    public void Clear() => Count = 0;

    /// <summary>Copies the rest of the input's current row. Of a row without an image, what cannot be read is missing too.</summary>
    public void Add(ValueGetter<DataViewRowId> id, long batch, string? badImage)
    {
        foreach (var column in Columns.Values)
        {
            try
            {
                column.Fill(Count);
            }
            catch (Exception) when (badImage is not null)
            {
                column.Clear(Count);
            }
        }
        id(ref _ids[Count]);
        _batches[Count] = batch;
        _badImages[Count] = badImage;
        Count++;
    }

    /// <summary>Computes what the network gives for the rows; for a row without an image it is missing (NaN).</summary>
    public void Score(Scorer scorer)
    {
        scorer.Score(_images, Count, _values.AsSpan(0, Count * _valuesPerRow));
        for (int row = 0; row < Count; row++)
            if (_badImages[row] is not null)
                Values(row).Fill(float.NaN);
    }

    public void Dispose() => _images.Dispose();
}
