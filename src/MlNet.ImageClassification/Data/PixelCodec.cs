using System.Runtime.InteropServices;

namespace MlNet.ImageClassification;

/// <summary>
/// Packs the pixels of images into the fewest bytes that give them back exactly: bytes stay as they are, floats become
/// palette codes where each channel has at most 256 values, and stay floats otherwise.
/// </summary>
internal sealed class PixelCodec
{
    private readonly ImageLayout _layout;
    private readonly PixelPalette[] _palettes;

    // Once one image did not fit, the next ones are not tried again.
    private volatile bool _palettesFull;

    public PixelCodec(ImageLayout layout)
    {
        _layout = layout;
        _palettes = [.. Enumerable.Range(0, layout.IsBytes ? 0 : layout.Shape.Channels).Select(_ => new PixelPalette())];
    }

    /// <summary>The values of all codes, 256 for each channel; none where images are bytes.</summary>
    public float[] Palette => [.. _palettes.SelectMany(palette => palette.Values)];

    /// <summary>Packs an image.</summary>
    /// <param name="pixels">Its values as they lie in memory, <see cref="ImageLayout.Bytes"/> of them.</param>
    public byte[] Pack(ReadOnlySpan<byte> pixels)
    {
        if (_layout.IsBytes || _palettesFull)
            return pixels.ToArray();
        var codes = new byte[_layout.Size];
        if (TryEncode(MemoryMarshal.Cast<byte, float>(pixels), codes))
            return codes;
        _palettesFull = true;
        return pixels.ToArray();
    }

    /// <summary>Writes the values that <see cref="Pack"/> was given.</summary>
    public void Unpack(byte[] packed, Span<byte> pixels)
    {
        if (packed.Length == pixels.Length)
        {
            packed.CopyTo(pixels);
            return;
        }
        var values = MemoryMarshal.Cast<byte, float>(pixels);
        for (int channel = 0; channel < _palettes.Length; channel++)
        {
            (int start, int end, int step) = _layout.Channel(channel);
            _palettes[channel].Decode(packed.AsSpan(0, end), values, start, step);
        }
    }

    private bool TryEncode(ReadOnlySpan<float> values, byte[] codes)
    {
        for (int channel = 0; channel < _palettes.Length; channel++)
        {
            (int start, int end, int step) = _layout.Channel(channel);
            if (!_palettes[channel].TryEncode(values[..end], codes, start, step))
                return false;
        }
        return true;
    }
}
