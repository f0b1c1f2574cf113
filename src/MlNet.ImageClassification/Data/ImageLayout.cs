using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>How the values of one image lie in its column.</summary>
/// <param name="Shape">Channels, height and width.</param>
/// <param name="Interleaved">[height, width, channels] rather than [channels, height, width].</param>
/// <param name="IsBytes">Bytes 0 to 255 (a byte vector or an image) rather than floats.</param>
internal readonly record struct ImageLayout(ImageShape Shape, bool Interleaved, bool IsBytes)
{
    private const int MaximumChannels = 4;

    /// <summary>The number of values of one image.</summary>
    public int Size => Shape.Channels * Shape.Height * Shape.Width;

    /// <summary>The bytes that these values take in memory.</summary>
    public int Bytes => IsBytes ? Size : Size * sizeof(float);

    /// <summary>The shape of a number of images as they lie in memory.</summary>
    public long[] ShapeOf(int count) => Interleaved
        ? [count, Shape.Height, Shape.Width, Shape.Channels]
        : [count, Shape.Channels, Shape.Height, Shape.Width];

    /// <summary>Where the values of a channel lie: from start, before end, every step-th.</summary>
    public (int Start, int End, int Step) Channel(int channel)
    {
        int plane = Shape.Height * Shape.Width;
        return Interleaved ? (channel, Size, Shape.Channels) : (channel * plane, (channel + 1) * plane, 1);
    }

    /// <summary>The layout a column's type tells; the message of the exception says what would.</summary>
    public static ImageLayout Infer(string columnName, DataViewType type)
    {
        if (type is ImageDataViewType image)
            return OfImage(columnName, image);
        if (type is not VectorDataViewType vector || !IsPixelType(vector.ItemType))
            throw NoImages(columnName, Describe(type));

        var dimensions = vector.Dimensions;
        bool isBytes = vector.ItemType == NumberDataViewType.Byte;
        if (dimensions.Length == 3 && dimensions.All(d => d > 0))
        {
            if (dimensions[0] <= MaximumChannels)
                return new ImageLayout(new ImageShape(dimensions[0], dimensions[1], dimensions[2]), false, isBytes);
            if (dimensions[2] <= MaximumChannels)
                return new ImageLayout(new ImageShape(dimensions[2], dimensions[0], dimensions[1]), true, isBytes);
        }
        throw NoDimensions(columnName, Describe(type));
    }

    /// <summary>Refuses a column for all that its shape tells; the dimensions of a vector are not among it.</summary>
    public static void Check(SchemaShape.Column column)
    {
        bool isScalar = column.Kind == SchemaShape.Column.VectorKind.Scalar;
        if (isScalar && column.ItemType is ImageDataViewType)
            return;
        if (isScalar || column.IsKey || !IsPixelType(column.ItemType))
            throw NoImages(column.Name, SchemaShapes.Describe(column));
        if (column.Kind == SchemaShape.Column.VectorKind.VariableVector)
            throw NoDimensions(column.Name, SchemaShapes.Describe(column));
    }

    /// <summary>
    /// The layout in which a column to be scored gives images of this layout; the column may be planar where this is
    /// interleaved and the other way round.
    /// </summary>
    public ImageLayout Bind(string columnName, DataViewType type)
    {
        ImageLayout met;
        if (type is VectorDataViewType { Dimensions.Length: 1 } flat && IsPixelType(flat.ItemType))
        {
            if (flat.Size != Size)
                throw Mismatch(columnName, type);
            met = this with { IsBytes = flat.ItemType == NumberDataViewType.Byte };
        }
        else
        {
            met = Infer(columnName, type);
        }
        if (met.Shape != Shape || met.IsBytes != IsBytes)
            throw Mismatch(columnName, type);
        return met;
    }

    /// <summary>The type of a column, as the messages and ML.NET's schemas write it.</summary>
    public static string Describe(DataViewType type) => type.ToString()!;

    public override string ToString() =>
        $"Vector<{(IsBytes ? "Byte" : "Single")}, " + (Interleaved
            ? $"{Shape.Height}, {Shape.Width}, {Shape.Channels}>"
            : $"{Shape.Channels}, {Shape.Height}, {Shape.Width}>");

    private InvalidOperationException Mismatch(string columnName, DataViewType type) => new(
        $"Column '{columnName}' is {Describe(type)}, but the network was trained on {this}. Give it images of the same size " +
        "and value type; for a property of your own class use " +
        $"[VectorType({Shape.Channels}, {Shape.Height}, {Shape.Width})].");

    private static InvalidOperationException NoImages(string columnName, string type) => new(
        $"Column '{columnName}' is {type}; expected a vector of Single or Byte with the dimensions [channels, height, width] or " +
        "[height, width, channels], or an image.");

    private static InvalidOperationException NoDimensions(string columnName, string type) => new(
        $"Column '{columnName}' is {type}; expected dimensions [3, H, W] or [H, W, 3] (1 to 4 channels). " +
        "ExtractPixels gives them; for a property of your own class use [VectorType(3, H, W)].");

    private static bool IsPixelType(DataViewType type) => type == NumberDataViewType.Single || type == NumberDataViewType.Byte;

    private static ImageLayout OfImage(string columnName, ImageDataViewType image)
    {
        if (image.Height <= 0 || image.Width <= 0)
            throw new InvalidOperationException(
                $"Column '{columnName}' holds images of unknown size; expected images of one size. " +
                "Put ResizeImages before the trainer.");
        return new ImageLayout(new ImageShape(3, image.Height, image.Width), Interleaved: true, IsBytes: true);
    }
}
