using MlNet.ImageClassification;

namespace MlNetCnn.Tests;

/// <summary>Gives a network the weights of a file of any format.</summary>
internal static class WeightsReader
{
    public static InitialWeights Read(string path, ClassificationNetwork network)
    {
        using var file = WeightsFile.Open(path);
        return InitialWeights.Read(file, network);
    }
}
