namespace MlNet.ImageClassification;

/// <summary>
/// Turns images into the smallest form that gives back exactly the same values: bytes where the channels' values fit in
/// palettes, floats otherwise.
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
        _palettes = new PixelPalette[layout.Shape.Channels];
        for (int i = 0; i < _palettes.Length; i++)
            _palettes[i] = layout.IsBytes ? PixelPalette.OfBytes() : new PixelPalette();
    }

    /// <summary>Reads and packs the image of a cursor's current row.</summary>
    /// <param name="reader">The reader of this codec's layout.</param>
    /// <param name="scratch">Space for one image of floats.</param>
    public CompactImage Encode(PixelReader reader, float[] scratch)
    {
        if (_layout.IsBytes)
        {
            var bytes = new byte[_layout.Size];
            reader.Read(bytes.AsSpan());
            return new CompactImage(bytes);
        }

        reader.Read(scratch.AsSpan());
        if (!_palettesFull)
        {
            var codes = new byte[_layout.Size];
            if (TryEncode(scratch, codes))
                return new CompactImage(codes);
            _palettesFull = true;
        }
        return new CompactImage((float[])scratch.Clone());
    }

    /// <summary>Writes an image's values, in the layout they were read in.</summary>
    public void Decode(CompactImage image, Span<float> pixels)
    {
        if (image.Values is float[] floats)
        {
            floats.CopyTo(pixels);
            return;
        }
        var codes = (byte[])image.Values;
        for (int channel = 0; channel < _palettes.Length; channel++)
        {
            (int start, int length, int step) = Channel(channel);
            _palettes[channel].Decode(codes.AsSpan(0, length), pixels, start, step);
        }
    }

    private bool TryEncode(float[] values, byte[] codes)
    {
        for (int channel = 0; channel < _palettes.Length; channel++)
        {
            (int start, int length, int step) = Channel(channel);
            if (!_palettes[channel].TryEncode(values.AsSpan(0, length), codes, start, step))
                return false;
        }
        return true;
    }

    // Where a channel's values lie: from start up to length, every step-th.
    private (int Start, int Length, int Step) Channel(int channel)
    {
        int plane = _layout.Shape.Height * _layout.Shape.Width;
        return _layout.Interleaved
            ? (channel, _layout.Size, _layout.Shape.Channels)
            : (channel * plane, (channel + 1) * plane, 1);
    }
}

/// <summary>One image as a <see cref="PixelCodec"/> keeps it: palette codes (byte[]) or values (float[]).</summary>
internal readonly record struct CompactImage(Array Values)
{
    public long Bytes => Buffer.ByteLength(Values);
}
