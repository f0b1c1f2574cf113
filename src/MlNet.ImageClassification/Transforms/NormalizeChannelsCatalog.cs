using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>Adds the normalization of color channels to <c>mlContext.Transforms</c>.</summary>
public static class NormalizeChannelsCatalog
{
    /// <summary>Subtracts a mean from each color channel and divides it by a deviation.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to make: a vector of Single with the dimensions of the input.</param>
    /// <param name="inputColumnName">A vector of Single or Byte with the dimensions [channels, height, width] or [height, width,
    /// channels], or an image; null for the output's name.</param>
    /// <param name="mean">The mean of each channel, in units of the input's values.</param>
    /// <param name="std">The standard deviation of each channel, above 0.</param>
    /// <exception cref="ArgumentException">A figure is unusable; the message says which and why.</exception>
    public static NormalizeChannelsEstimator NormalizeChannels(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, float[] mean, float[] std) =>
        catalog.NormalizeChannels(outputColumnName, inputColumnName, new ChannelNormalization(mean, std));

    /// <summary>Normalizes each color channel by known figures, such as <see cref="ChannelNormalization.Cifar10"/>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to make: a vector of Single with the dimensions of the input.</param>
    /// <param name="inputColumnName">A vector of Single or Byte with the dimensions [channels, height, width] or [height, width,
    /// channels], or an image; null for the output's name.</param>
    /// <param name="normalization">The figures.</param>
    public static NormalizeChannelsEstimator NormalizeChannels(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, ChannelNormalization normalization)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new NormalizeChannelsEstimator(outputColumnName, inputColumnName, normalization);
    }
}
