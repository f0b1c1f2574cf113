using System.IO;

namespace TorchSharp.Utils;

/// <summary>Numbers of seven bits a byte, least significant first; the high bit says that more follow.</summary>
internal static class LEB128Codec
{
    private const int LastShift = 56;

    public static void Encode(this BinaryWriter writer, long value)
    {
        for (; value > 0x7f; value >>= 7) writer.Write((byte)(value & 0x7f | 0x80));
        writer.Write((byte)value);
    }

    public static long Decode(this BinaryReader reader)
    {
        long value = 0;
        for (int shift = 0; shift <= LastShift; shift += 7)
        {
            byte part = reader.ReadByte();
            value |= (long)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
        throw new InvalidDataException("This is not a saved tensor: a number of more than nine bytes.");
    }
}
