using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Serve.Tests;

/// <summary>Bodies that are no usable image, and bodies that may be one or not.</summary>
internal static class HostileImages
{
    /// <summary>Bodies that no reader can take for an image.</summary>
    public static IEnumerable<(string Name, byte[] Body)> Unusable(byte[] png)
    {
        yield return ("text", "This is no image."u8.ToArray());
        yield return ("html", "<html><script>alert(1)</script></html>"u8.ToArray());
        yield return ("svg", "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"u8.ToArray());
        yield return ("zip", "PK\x03\x04"u8.ToArray());
        yield return ("zeros", new byte[4096]);
        yield return ("one byte", [0xff]);
        yield return ("JPEG magic alone", [0xff, 0xd8, 0xff, 0xe0]);
        yield return ("PNG magic alone", png[..8]);
        yield return ("GIF magic alone", "GIF89a"u8.ToArray());
        yield return ("WebP magic alone", "RIFF\xff\xff\xff\x7fWEBPVP8 "u8.ToArray());
        yield return ("BMP magic alone", "BM"u8.ToArray());
        yield return ("PNG without pixels", Png(8, 8, []));
        yield return ("PNG of 50,000 x 50,000", Png(50_000, 50_000, []));
        yield return ("PNG of the largest size", Png(int.MaxValue, int.MaxValue, []));
        yield return ("PNG of no width", Png(0, 8, []));
        yield return ("GIF of 65,535 x 65,535", [.. "GIF89a"u8, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 2, 0x44, 1, 0, 0x3b]);
        yield return ("BMP of 50,000 x 50,000", Bmp(50_000, 50_000));
        yield return ("BMP of negative size", Bmp(-50_000, int.MinValue));
        yield return ("PNG cut at half", png[..(png.Length / 2)]);
        yield return ("TIFF", "II*\0\b\0\0\0"u8.ToArray());
        yield return ("pickle", "\x80\x02cposix\nsystem\n"u8.ToArray());
        yield return ("long text", Encoding.ASCII.GetBytes(new string('A', 100_000)));
    }

    /// <summary>A PNG file of a size and of pixel data that need not fit it.</summary>
    public static byte[] Png(int width, int height, byte[] pixels)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
            zlib.Write(pixels);
        return [0x89, .. "PNG\r\n\x1a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] content = [.. Encoding.ASCII.GetBytes(type), .. data];
        var (length, crc) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(content));
        return [.. length, .. content, .. crc];
    }

    private static byte[] Bmp(int width, int height)
    {
        var file = new byte[54];
        "BM"u8.CopyTo(file);
        file[10] = 54;
        file[14] = 40;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
        (file[26], file[28]) = (1, 24);
        return file;
    }
}
