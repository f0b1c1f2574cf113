namespace MlNet.ImageClassification;

/// <summary>The size of the images a network takes.</summary>
/// <param name="Channels">Color planes: 3 for RGB, 1 for grey.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>The values of one image: channels x height x width.</summary>
    public long ValueCount => (long)Channels * Height * Width;

    /// <summary>The shape as text, for instance <c>3x224x224</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Channels}x{Height}x{Width}");
}
