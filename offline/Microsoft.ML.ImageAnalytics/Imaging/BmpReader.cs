using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Data;

/// <summary>Uncompressed Windows bitmaps: 1, 4 and 8 bits with a palette, 24 and 32 bits.</summary>
/// <exception cref="InvalidDataException">Every member throws this with the reason.</exception>
internal static class BmpReader
{
    private const int FileHeaderSize = 14;
    private const int InfoHeaderSize = 40;
    private const uint Opaque = 0xFF000000;

    public static (int Width, int Height) ReadSize(ReadOnlySpan<byte> file)
    {
        var header = Header.Read(file);
        return (header.Width, header.Height);
    }

    public static void Decode(ReadOnlySpan<byte> file, Span<byte> bgra)
    {
        var header = Header.Read(file);
        var palette = ReadPalette(file, header);
        long stride = ((long)header.Width * header.BitsPerPixel + 31) / 32 * 4;
        if (header.PixelOffset + stride * header.Height > file.Length)
            throw new InvalidDataException("the BMP file is truncated");

        var pixels = MemoryMarshal.Cast<byte, uint>(bgra);
        for (int y = 0; y < header.Height; y++)
        {
            int storedRow = header.TopDown ? y : header.Height - 1 - y;
            var row = file.Slice((int)(header.PixelOffset + storedRow * stride), (int)stride);
            DecodeRow(row, header.BitsPerPixel, palette, pixels.Slice(y * header.Width, header.Width));
        }
    }

    private static void DecodeRow(ReadOnlySpan<byte> row, int bitsPerPixel, ReadOnlySpan<uint> palette, Span<uint> pixels)
    {
        for (int x = 0; x < pixels.Length; x++)
        {
            pixels[x] = Opaque | bitsPerPixel switch
            {
                32 => BinaryPrimitives.ReadUInt32LittleEndian(row[(x * 4)..]),
                24 => (uint)(row[x * 3] | row[x * 3 + 1] << 8 | row[x * 3 + 2] << 16),
                _ => FromPalette(palette, row[x * bitsPerPixel / 8] >> (8 - bitsPerPixel - x * bitsPerPixel % 8)
                    & (1 << bitsPerPixel) - 1)
            };
        }
    }

    private static uint FromPalette(ReadOnlySpan<uint> palette, int index) =>
        index < palette.Length ? palette[index] : throw new InvalidDataException("a pixel's colour is not in the palette");

    private static ReadOnlySpan<uint> ReadPalette(ReadOnlySpan<byte> file, in Header header)
    {
        if (header.BitsPerPixel > 8)
            return default;
        int start = FileHeaderSize + header.InfoSize;
        int bytes = header.PaletteSize * 4;
        if (start + bytes > file.Length)
            throw new InvalidDataException("the BMP file is truncated");
        return MemoryMarshal.Cast<byte, uint>(file.Slice(start, bytes));
    }

    private readonly record struct Header(
        int InfoSize, int Width, int Height, bool TopDown, int BitsPerPixel, int PaletteSize, uint PixelOffset)
    {
        public static Header Read(ReadOnlySpan<byte> file)
        {
            if (file.Length < FileHeaderSize + InfoHeaderSize)
                throw new InvalidDataException("the BMP file is truncated");

            uint pixelOffset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
            var info = file[FileHeaderSize..];
            int infoSize = BinaryPrimitives.ReadInt32LittleEndian(info);
            int width = BinaryPrimitives.ReadInt32LittleEndian(info[4..]);
            int signedHeight = BinaryPrimitives.ReadInt32LittleEndian(info[8..]);
            int bitsPerPixel = BinaryPrimitives.ReadUInt16LittleEndian(info[14..]);
            uint compression = BinaryPrimitives.ReadUInt32LittleEndian(info[16..]);
            uint paletteSize = BinaryPrimitives.ReadUInt32LittleEndian(info[32..]);

            if (infoSize < InfoHeaderSize || infoSize > file.Length || signedHeight == int.MinValue)
                throw new InvalidDataException("the BMP header is damaged");
            if (compression != 0 || bitsPerPixel is not (1 or 4 or 8 or 24 or 32))
                throw new InvalidDataException(
                    $"BMP with compression {compression} and {bitsPerPixel} bits per pixel is not supported");

            int colors = bitsPerPixel > 8 ? 0 : 1 << bitsPerPixel;
            if (paletteSize != 0 && paletteSize < colors)
                colors = (int)paletteSize;
            return new Header(
                infoSize, width, Math.Abs(signedHeight), signedHeight < 0, bitsPerPixel, colors, pixelOffset);
        }
    }
}
