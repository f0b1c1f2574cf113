using System.Security.Cryptography;

namespace MlNet.ImageClassification;

/// <summary>A block of a file with its length before it and its SHA-256 after it, so that damage does not go unseen.</summary>
internal static class CheckedBlock
{
    /// <summary>Writes a block.</summary>
    public static void Write(BinaryWriter writer, Action<BinaryWriter> content)
    {
        using var buffer = new MemoryStream();
        using (var block = new BinaryWriter(buffer, System.Text.Encoding.UTF8, leaveOpen: true))
            content(block);
        var bytes = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        writer.Write(bytes.Length);
        writer.Write(bytes);
        writer.Write(SHA256.HashData(bytes));
    }

    /// <summary>Reads a block and refuses it when it is not whole.</summary>
    /// <param name="reader">Stands at the block.</param>
    /// <param name="what">What the block holds, for the message.</param>
    /// <param name="content">Reads the content; an end of the block met too early is damage as well.</param>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public static T Read<T>(BinaryReader reader, string what, Func<BinaryReader, T> content)
    {
        try
        {
            int length = reader.ReadInt32();
            if (length < 0)
                throw new InvalidDataException($"its length is {length}");
            var bytes = ReadExactly(reader, length);
            if (!ReadExactly(reader, SHA256.HashSizeInBytes).AsSpan().SequenceEqual(SHA256.HashData(bytes)))
                throw new InvalidDataException("its checksum does not fit");
            return ReadContent(bytes, content);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException or OverflowException or FormatException)
        {
            throw new InvalidDataException($"The file is damaged in {what}: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Reads how many things follow in a block, each of which takes some bytes: a count that lies must not make us allocate.</summary>
    /// <param name="block">Stands at the count.</param>
    /// <param name="leastBytes">What each takes at least.</param>
    /// <param name="what">What they are, for the message.</param>
    /// <exception cref="InvalidDataException">The block cannot hold so many.</exception>
    public static int ReadCount(BinaryReader block, int leastBytes, string what)
    {
        int count = block.ReadInt32();
        long left = block.BaseStream.Length - block.BaseStream.Position;
        if (count < 0 || count > left / leastBytes)
            throw new InvalidDataException($"it announces {count} {what}, but {left} bytes follow");
        return count;
    }

    private static T ReadContent<T>(byte[] bytes, Func<BinaryReader, T> content)
    {
        using var block = new BinaryReader(new MemoryStream(bytes));
        try
        {
            var value = content(block);
            long left = bytes.Length - block.BaseStream.Position;
            return left == 0 ? value : throw new InvalidDataException($"{left} bytes more follow than are expected");
        }
        catch (IOException e)
        {
            // In memory, it is of a text whose length is negative.
            throw new InvalidDataException(e.Message, e);
        }
    }

    // A damaged length must not make us allocate what the file cannot hold.
    private static byte[] ReadExactly(BinaryReader reader, int length)
    {
        using var buffer = new MemoryStream();
        var part = new byte[Math.Min(length, 1 << 20)];
        while (length > 0)
        {
            int read = reader.Read(part, 0, Math.Min(part.Length, length));
            if (read == 0)
                throw new EndOfStreamException("the file ends too early");
            buffer.Write(part, 0, read);
            length -= read;
        }
        return buffer.ToArray();
    }
}
