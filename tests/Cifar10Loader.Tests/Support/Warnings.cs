using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Cifar10Loader.Tests;

/// <summary>Collects the warnings of an MLContext from now on.</summary>
internal sealed class Warnings
{
    public Warnings(MLContext mlContext) => mlContext.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
            Messages.Add(e.RawMessage);
    };

    public List<string> Messages { get; } = [];
}
