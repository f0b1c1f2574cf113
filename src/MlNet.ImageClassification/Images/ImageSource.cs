using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>Draws the image that a row names or holds.</summary>
internal abstract class ImageSource
{
    /// <summary>The image of the row that was drawn last, for a message.</summary>
    public abstract string Name { get; }

    public static ImageSource Create(DataViewRow row, DataViewSchema.Column column, ImageCanvas canvas, string? folder) =>
        column.Type switch
        {
            TextDataViewType => new FileSource(row, column, new ImageDecoder(canvas), folder),
            ImageDataViewType => new ImageObjectSource(row, column, canvas),
            _ => new BytesSource(row, column, new ImageDecoder(canvas)),
        };

    /// <summary>Whether a column can hold images, or name them.</summary>
    public static bool CanRead(DataViewType type) => type is TextDataViewType or ImageDataViewType
        || type is VectorDataViewType { Dimensions.Length: <= 1 } vector && vector.ItemType == NumberDataViewType.Byte;

    /// <summary>Draws the image of the current row.</summary>
    /// <param name="output">Room for the canvas's bytes.</param>
    /// <exception cref="InvalidDataException">There is no image that can be used; the message says why.</exception>
    public abstract void Draw(Span<byte> output);

    private sealed class FileSource(DataViewRow row, DataViewSchema.Column column, ImageDecoder decoder, string? folder) : ImageSource
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        private readonly RowName _row = new(row, column);
        private string _path = "";

        public override string Name => _path.Length > 0 ? $"The image file '{_path}'" : $"The image path in {_row}";

        public override void Draw(Span<byte> output)
        {
            ReadOnlyMemory<char> text = default;
            _getter(ref text);
            _path = text.Span.IsWhiteSpace() ? "" : Path.Combine(folder ?? "", text.ToString());
            if (_path.Length == 0)
                throw new InvalidDataException("it is empty");
            decoder.Draw(ReadFile(), output);
        }

        private int ReadFile()
        {
            try
            {
                using var file = File.OpenHandle(_path, options: FileOptions.SequentialScan);
                long length = RandomAccess.GetLength(file);
                if (length > Array.MaxLength)
                    throw new InvalidDataException($"it has {length} bytes, more than the {Array.MaxLength} that can be read");
                var room = decoder.Room((int)length);
                int read = 0;
                for (int part = 1; read < room.Length && part > 0; read += part)
                    part = RandomAccess.Read(file, room[read..], read);
                return read;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                throw new InvalidDataException(Reason(e), e);
            }
        }

        private string Reason(Exception e) => e switch
        {
            _ when Directory.Exists(_path) => "it is a folder",
            FileNotFoundException or DirectoryNotFoundException => "there is no such file",
            _ => e.Message.TrimEnd('.'),
        };
    }

    private sealed class BytesSource(DataViewRow row, DataViewSchema.Column column, ImageDecoder decoder) : ImageSource
    {
        private readonly ValueGetter<VBuffer<byte>> _getter = row.GetGetter<VBuffer<byte>>(column);
        private readonly RowName _row = new(row, column);
        private VBuffer<byte> _file;

        public override string Name => $"The image file in {_row}";

        public override void Draw(Span<byte> output)
        {
            _getter(ref _file);
            _file.CopyTo(decoder.Room(_file.Length));
            decoder.Draw(_file.Length, output);
        }
    }

    private sealed class ImageObjectSource(DataViewRow row, DataViewSchema.Column column, ImageCanvas canvas) : ImageSource
    {
        private readonly ValueGetter<MLImage> _getter = row.GetGetter<MLImage>(column);
        private readonly RowName _row = new(row, column);

        // Handed back to the getter for each row: an upstream transform that made it disposes it then.
        private MLImage _image = null!;

        public override string Name => $"The image in {_row}";

        public override void Draw(Span<byte> output)
        {
            _getter(ref _image);
            if (_image is null)
                throw new InvalidDataException("there is no image");
            canvas.CheckSize(_image.Width, _image.Height);
            var pixels = new RasterImage(_image.Pixels, _image.Width, _image.PixelFormat == MLPixelFormat.Bgra32);
            canvas.Draw(pixels, scale: 1, canvas.Place(_image.Width, _image.Height, orientation: default), output);
        }
    }

    /// <summary>The current row in words. Its id tells it also where several cursors share the rows.</summary>
    private sealed class RowName(DataViewRow row, DataViewSchema.Column column)
    {
        private readonly ValueGetter<DataViewRowId> _id = row.GetIdGetter();

        public override string ToString()
        {
            DataViewRowId id = default;
            _id(ref id);
            return $"row {(id.High == 0 ? (long)id.Low : row.Position)} of column '{column.Name}'";
        }
    }
}
