using System.Buffers.Binary;
using System.IO.Compression;
using SkiaSharp;

namespace MlNet.ImageClassification.Tests.Images;

/// <summary>Image files, made in memory.</summary>
internal static class ImageFiles
{
    // Two frames of 8 x 8 pixels: the first red, the second blue.
    public static readonly byte[] AnimatedGif = Convert.FromBase64String(
        "R0lGODdhCAAIAIEAAP8AAAAAAAAAAAAAACwAAAAACAAIAAAIDwABCBxIsKDBgwgTKkwYEAAsAAAAAAgACACBAAD/AAAAAAAAAAAACA8AAQgcSLCgwYMIEypMGBAAOw==");

    public static readonly byte[] AnimatedWebP = Convert.FromBase64String(
        "UklGRoQAAABXRUJQVlA4WAoAAAACAAAABwAABwAAQU5JTQYAAAAAAAAAAABBTk1GKAAAAAAAAAAAAAcAAAcAAAAAAAJWUDhMDwAAAC8HwAEABxD9j/4HIqL/" +
        "AQBBTk1GKAAAAAAAAAAAAAcAAAcAAAAAAABWUDhMDwAAAC8HwAEABxDR//4HIqL/AQA=");

    // 8 x 8 pixels of cyan and yellow ink, which make green.
    public static readonly byte[] CmykJpeg = Convert.FromBase64String(
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AA" +
        "FAgACAAIBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAn/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/ACqKmKoqb//Z");

    // 16 x 16 pixels of noise, sent coarse to fine.
    public static readonly byte[] ProgressiveJpeg = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/" +
        "wgALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAQL/2gAIAQEAAAABEv8A/8QAGBAAAwEBAAAAAAAAAAAAAAAAAAECMSH/2gAIAQEAAQUCROOe6f/E" +
        "ABoQAAICAwAAAAAAAAAAAAAAAAARASExQYH/2gAIAQEABj8CzBpnSFds/8QAHBABAAICAwEAAAAAAAAAAAAAAQARIUExUfDB/9oACAEBAAE/IWGC7uvcxONp" +
        "5EzG1A679cWiP0T/2gAIAQEAAAAQz//EABwQAQEAAgMBAQAAAAAAAAAAAAERITEAQWGBkf/aAAgBAQABPxAepNU8QN5uXnzlYJRCDWUCGu5rqcEi8iiqQM6D" +
        "1MV1jh14V9l7c7JU/Ov/2Q==");

    public static byte[] Png(int width, int height, Func<int, int, SKColor> color) =>
        Encode(width, height, color, SKColorType.Rgba8888, SKEncodedImageFormat.Png);

    public static byte[] Jpeg(int width, int height, Func<int, int, SKColor> color, SKColorType type = SKColorType.Rgba8888) =>
        Encode(width, height, color, type, SKEncodedImageFormat.Jpeg);

    /// <summary>A JPEG with EXIF's orientation (1 to 8) in a segment behind its first marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0,
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8,    // big-endian; the directory is at 8
            0, 1,                                       // of one entry:
            0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
            0, 0, 0, 0,                                 // no other directory
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    /// <summary>A PNG of any kind.</summary>
    /// <param name="width">Pixels in a row, as the header says.</param>
    /// <param name="height">Rows, as the header says.</param>
    /// <param name="bits">Bits of a sample.</param>
    /// <param name="colorType">2 for red, green and blue, 3 for a palette.</param>
    /// <param name="rows">The rows, each behind a byte 0.</param>
    /// <param name="chunks">Chunks before the pixels.</param>
    public static byte[] RawPng(int width, int height, byte bits, byte colorType, byte[] rows, params (string Name, byte[] Content)[] chunks)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bits, colorType);
        WriteChunk(file, "IHDR", header);
        foreach (var (name, content) in chunks)
            WriteChunk(file, name, content);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(rows);
        WriteChunk(file, "IDAT", packed.ToArray());
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Encode(int width, int height, Func<int, int, SKColor> color, SKColorType type, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, SKAlphaType.Unpremul));
        bitmap.Pixels = [.. Enumerable.Range(0, width * height).Select(i => color(i % width, i / width))];
        using var data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    private static void WriteChunk(Stream file, string name, byte[] content)
    {
        byte[] checkedPart = [.. System.Text.Encoding.ASCII.GetBytes(name), .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(checkedPart);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(checkedPart));
        file.Write(number);
    }

    private static uint Crc32(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }
}
