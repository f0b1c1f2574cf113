using MlNet.ImageClassification;
using MlNet.ResNet;

namespace MlNetCnn.Tests;

internal static partial class Networks
{
    public static NetworkFamily Family { get; } = new ResNetFamily();
}
