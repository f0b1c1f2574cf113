namespace MlNet.ImageClassification;

/// <summary>
/// Gives each distinct value of one channel a byte. Pixels start as bytes, and whatever offset, scale or normalization
/// they went through since, a channel keeps at most 256 values; so most float features fit in bytes without any loss.
/// </summary>
/// <remarks>Several threads may encode at once: readers take no lock, a new value is added under one.</remarks>
internal sealed class PixelPalette
{
    /// <summary>The number of codes.</summary>
    public const int Capacity = 256;

    private const int Slots = 1024;
    private const int SlotBits = 10;

    private readonly Lock _adding = new();
    private readonly float[] _values = new float[Capacity];

    // Open addressing. An entry holds the bits of a value (upper half), its code and, as the lowest bit, "in use";
    // being one word it is read whole.
    private readonly ulong[] _entries = new ulong[Slots];
    private int _count;

    /// <summary>The value of each code.</summary>
    public IReadOnlyList<float> Values => _values;

    /// <summary>Encodes every <paramref name="step"/>th value; false when the channel has too many values for bytes.</summary>
    public bool TryEncode(ReadOnlySpan<float> values, Span<byte> codes, int start, int step)
    {
        for (int i = start; i < values.Length; i += step)
            if (!TryEncode(values[i], out codes[i]))
                return false;
        return true;
    }

    /// <summary>The reverse of <see cref="TryEncode(ReadOnlySpan{float}, Span{byte}, int, int)"/>.</summary>
    public void Decode(ReadOnlySpan<byte> codes, Span<float> values, int start, int step)
    {
        ReadOnlySpan<float> palette = _values;
        for (int i = start; i < codes.Length; i += step)
            values[i] = palette[codes[i]];
    }

    private bool TryEncode(float value, out byte code)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        for (uint slot = Hash(bits); ; slot = (slot + 1) % Slots)
        {
            ulong entry = Volatile.Read(ref _entries[slot]);
            if (entry == 0)
                return TryAdd(value, bits, out code);
            if ((uint)(entry >> 32) == bits)
            {
                code = (byte)(entry >> 8);
                return true;
            }
        }
    }

    private bool TryAdd(float value, uint bits, out byte code)
    {
        lock (_adding)
        {
            uint slot = Hash(bits);
            for (; _entries[slot] != 0; slot = (slot + 1) % Slots)
            {
                if ((uint)(_entries[slot] >> 32) != bits)
                    continue;
                code = (byte)(_entries[slot] >> 8);
                return true;
            }
            code = 0;
            if (_count == Capacity)
                return false;
            code = (byte)_count++;
            _values[code] = value;
            Volatile.Write(ref _entries[slot], ((ulong)bits << 32) | ((ulong)code << 8) | 1);
            return true;
        }
    }

    private static uint Hash(uint bits) => (bits * 0x9E3779B1u) >> (32 - SlotBits);
}
