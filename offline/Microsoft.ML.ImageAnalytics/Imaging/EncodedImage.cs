using System.Buffers.Binary;

namespace Microsoft.ML.Data;

/// <summary>An image file in memory whose header is read and whose pixels wait to be asked for.</summary>
internal sealed class EncodedImage
{
    private enum Format
    {
        Jpeg,
        Png,
        Bmp
    }

    private readonly byte[] _file;
    private readonly string _complaint;
    private readonly string _argument;
    private readonly Format _format;

    /// <param name="file">The whole file. The format is told by its content, whatever the file is called.</param>
    /// <param name="complaint">How the message of an undecodable file begins; the reason follows.</param>
    /// <param name="argument">The argument that the exception blames.</param>
    /// <exception cref="ArgumentException">Not a JPEG, PNG or BMP file, or its header is damaged.</exception>
    public EncodedImage(byte[] file, string complaint, string argument)
    {
        _file = file;
        _complaint = complaint;
        _argument = argument;
        try
        {
            _format = RecognizeFormat(file);
            (Width, Height) = _format switch
            {
                Format.Jpeg => NativeCodecs.ReadJpegSize(file),
                Format.Png => ReadPngSize(file),
                _ => BmpReader.ReadSize(file)
            };
            if (Width <= 0 || Height <= 0 || (long)Width * Height > Array.MaxLength / 4)
                throw new InvalidDataException($"a size of {Width} x {Height} pixels is not supported");
        }
        catch (InvalidDataException exception)
        {
            throw Undecodable(exception);
        }
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The largest reduction (1, 2, 4 or 8) that decoding does for free and that keeps at least the given size.
    /// </summary>
    public int LargestShrink(int minimumWidth, int minimumHeight)
    {
        int shrink = _format == Format.Jpeg ? 8 : 1;
        while (shrink > 1 && (Shrunk(Width, shrink) < minimumWidth || Shrunk(Height, shrink) < minimumHeight))
            shrink /= 2;
        return shrink;
    }

    public static int Shrunk(int size, int shrink) => (size + shrink - 1) / shrink;

    /// <returns>Premultiplied B, G, R, A rows of the size divided by <paramref name="shrink"/> and rounded up.</returns>
    /// <exception cref="ArgumentException">The file is truncated or damaged.</exception>
    public byte[] Decode(int shrink = 1)
    {
        int width = Shrunk(Width, shrink);
        int height = Shrunk(Height, shrink);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * 4);
        try
        {
            switch (_format)
            {
                case Format.Jpeg:
                    NativeCodecs.DecodeJpeg(_file, shrink, width, height, pixels);
                    break;
                case Format.Png:
                    NativeCodecs.DecodePng(_file, width, height, pixels);
                    break;
                default:
                    BmpReader.Decode(_file, pixels);
                    break;
            }
        }
        catch (InvalidDataException exception)
        {
            throw Undecodable(exception);
        }

        return pixels;
    }

    private static Format RecognizeFormat(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
            throw new InvalidDataException("the file is empty");
        if (file.StartsWith<byte>([0xFF, 0xD8]))
            return Format.Jpeg;
        if (file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']))
            return Format.Png;
        if (file.StartsWith("BM"u8))
            return Format.Bmp;
        throw new InvalidDataException("the content is neither JPEG nor PNG nor BMP");
    }

    // Eight bytes of signature, then always the header chunk: length, "IHDR", width, height.
    private static (int Width, int Height) ReadPngSize(ReadOnlySpan<byte> file)
    {
        if (file.Length < 24 || !file[12..16].SequenceEqual("IHDR"u8))
            throw new InvalidDataException("the PNG header is damaged");
        return (BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]));
    }

    private ArgumentException Undecodable(InvalidDataException reason) =>
        new($"{_complaint}: {reason.Message}.", _argument, reason);
}
