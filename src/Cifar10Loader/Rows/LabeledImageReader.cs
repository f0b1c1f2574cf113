using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Cifar10Loader;

/// <summary>
/// Goes through the rows of any data view that has a Label with class names and images: a column Pixels (bytes,
/// [3, H, W]), Image or ImagePath, whichever is there first. An image is decoded only when asked for.
/// </summary>
internal sealed class LabeledImageReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly ValueGetter<uint> _getKey;
    private readonly Func<RgbImage> _getImage;

    /// <exception cref="ArgumentException">The label or the image column is missing or of another type.</exception>
    public LabeledImageReader(IDataView data)
    {
        ClassNames = data.GetClassNames();
        DataViewSchema.Column label = ClassLabels.Require(data, "Label");
        if (label.Type.RawType != typeof(uint))
            throw new ArgumentException($"Column 'Label' is {label.Type}; expected a key of UInt32.", nameof(data));
        DataViewSchema.Column image = ImageColumn(data);

        _cursor = data.GetRowCursor([label, image]);
        _getKey = _cursor.GetGetter<uint>(label);
        _getImage = ImageGetter(image);
    }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Zero-based class number of the current row.</summary>
    public int Label { get; private set; }

    /// <exception cref="InvalidDataException">The row has no label.</exception>
    public bool MoveNext()
    {
        if (!_cursor.MoveNext())
            return false;
        uint key = 0;
        _getKey(ref key);
        if (key == 0)
            throw new InvalidDataException($"Row {_cursor.Position} has a missing label. Filter such rows out first.");
        Label = (int)key - 1;
        return true;
    }

    public RgbImage ReadImage() => _getImage();

    public void Dispose() => _cursor.Dispose();

    private static DataViewSchema.Column ImageColumn(IDataView data)
    {
        foreach (string name in new[] { "Pixels", "Image", "ImagePath" })
        {
            if (data.Schema.GetColumnOrNull(name) is { } column && IsImage(column.Type))
                return column;
        }

        throw new ArgumentException(
            "There is no column Pixels (Vector<Byte> [3, H, W]), Image (MLImage) or ImagePath (text); the data has " +
            $"{string.Join(", ", data.Schema.Select(column => $"{column.Name} ({column.Type})"))}.", nameof(data));
    }

    private static bool IsImage(DataViewType type) => type switch
    {
        VectorDataViewType pixels => pixels.ItemType == NumberDataViewType.Byte && pixels.Dimensions is [3, > 0, > 0],
        _ => type is ImageDataViewType or TextDataViewType,
    };

    private Func<RgbImage> ImageGetter(DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType type)
        {
            ValueGetter<VBuffer<byte>> getPixels = _cursor.GetGetter<VBuffer<byte>>(column);
            VBuffer<byte> pixels = default;
            var planes = new byte[type.Size];
            return () =>
            {
                getPixels(ref pixels);
                pixels.CopyTo(planes);
                return RgbImage.FromPlanes(type.Dimensions[2], type.Dimensions[1], planes);
            };
        }

        if (column.Type is TextDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> getPath = _cursor.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> path = default;
            return () =>
            {
                getPath(ref path);
                return RgbImage.Read(path.ToString());
            };
        }

        ValueGetter<MLImage> getImage = _cursor.GetGetter<MLImage>(column);
        return () =>
        {
            MLImage? image = null;
            getImage(ref image!);
            using (image)
                return RgbImage.From(image ?? throw new InvalidDataException($"Row {_cursor.Position} has no image."));
        };
    }
}
