using MlNet.ImageClassification;
using MlNet.ShuffleNet;

namespace MlNetCnn.Tests;

internal static partial class Networks
{
    public static NetworkFamily Family { get; } = new ShuffleNetFamily();
}
