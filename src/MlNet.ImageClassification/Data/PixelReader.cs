using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>Copies the image of a cursor's current row out of its column.</summary>
internal abstract class PixelReader(ImageLayout layout)
{
    protected ImageLayout Layout { get; } = layout;

    public static PixelReader Create(DataViewRow row, DataViewSchema.Column column, ImageLayout layout) => column.Type switch
    {
        ImageDataViewType => new ImageReader(row, column, layout),
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => new ByteReader(row, column, layout),
        _ => new FloatReader(row, column, layout),
    };

    /// <summary>Reads a layout of bytes.</summary>
    /// <exception cref="InvalidDataException">The row holds no usable image.</exception>
    public virtual void Read(Span<byte> pixels) => throw new NotSupportedException("Floats have no bytes.");

    /// <summary>Reads any layout.</summary>
    /// <exception cref="InvalidDataException">The row holds no usable image.</exception>
    public abstract void Read(Span<float> pixels);

    protected void CheckLength(int length)
    {
        if (length == 0)
            throw new InvalidDataException("there is no image, its vector is empty");
        if (length != Layout.Size)
            throw new InvalidDataException($"it has {length} values instead of the {Layout.Size} of {Layout}");
    }

    private sealed class FloatReader(DataViewRow row, DataViewSchema.Column column, ImageLayout layout)
        : PixelReader(layout)
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        private VBuffer<float> _values;

        public override void Read(Span<float> pixels)
        {
            _getter(ref _values);
            CheckLength(_values.Length);
            _values.CopyTo(pixels);
            // The largest magnitude is NaN or infinite where any value is.
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude(pixels)))
                throw new InvalidDataException("it has values that are not finite (NaN or infinity)");
        }
    }

    private abstract class AnyByteReader(ImageLayout layout) : PixelReader(layout)
    {
        private readonly byte[] _bytes = new byte[layout.Size];

        public override void Read(Span<float> pixels)
        {
            Read(_bytes.AsSpan());
            for (int i = 0; i < _bytes.Length; i++)
                pixels[i] = _bytes[i];
        }
    }

    private sealed class ByteReader(DataViewRow row, DataViewSchema.Column column, ImageLayout layout)
        : AnyByteReader(layout)
    {
        private readonly ValueGetter<VBuffer<byte>> _getter = row.GetGetter<VBuffer<byte>>(column);
        private VBuffer<byte> _values;

        public override void Read(Span<byte> pixels)
        {
            _getter(ref _values);
            CheckLength(_values.Length);
            _values.CopyTo(pixels);
        }
    }

    private sealed class ImageReader(DataViewRow row, DataViewSchema.Column column, ImageLayout layout)
        : AnyByteReader(layout)
    {
        private readonly ValueGetter<MLImage> _getter = row.GetGetter<MLImage>(column);

        // Handed back to the getter for each row: an upstream transform that made it disposes it then.
        private MLImage _image = null!;

        public override void Read(Span<byte> pixels)
        {
            _getter(ref _image);
            if (_image is null)
                throw new InvalidDataException("there is no image");
            if (_image.Height != Layout.Shape.Height || _image.Width != Layout.Shape.Width)
                throw new InvalidDataException(
                    $"it is {_image.Width} x {_image.Height} pixels instead of {Layout.Shape.Width} x {Layout.Shape.Height}");

            // Four bytes a pixel become three, in the order red, green, blue.
            var source = _image.Pixels;
            (int red, int blue) = _image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
            for (int from = 0, to = 0; to < pixels.Length; from += 4, to += 3)
            {
                pixels[to] = source[from + red];
                pixels[to + 1] = source[from + 1];
                pixels[to + 2] = source[from + blue];
            }
        }
    }
}
