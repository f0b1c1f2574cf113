using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// What a network describes to, layer by layer, that it computes in evaluation. A value is known by its name, and each method adds what
/// computes a new one.
/// </summary>
internal interface INetworkGraph
{
    /// <summary>A convolution with bias, padded by half its window.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[C', C / groups, K, K], of any floating-point type.</param>
    /// <param name="bias">[C'].</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="groups">Groups of channels.</param>
    string Convolution(string input, Tensor weight, Tensor bias, int stride, int groups);

    /// <summary>Negative values become zero. A convolution whose ReLU was asked for has no other use.</summary>
    string Relu(string input);

    /// <summary>The sum of two values of one shape, which have no other use after it.</summary>
    string Add(string first, string second);

    /// <summary>Values put one behind the other along the channels.</summary>
    string JoinChannels(string first, string second);

    /// <summary>Channels written into a table row by row and read column by column.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="channels">C.</param>
    /// <param name="rows">Rows of the table, a divisor of C.</param>
    string TransposeChannels(string input, int channels, int rows);

    /// <summary>The highest of each 3x3 window at every second place; the border has none.</summary>
    string MaxPool(string input);

    /// <summary>The average of each 3x3 window at every second place; beyond the border there are zeros.</summary>
    string AveragePool(string input);
}
