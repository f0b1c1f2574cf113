using Microsoft.ML.Runtime;

namespace Cifar10Loader;

/// <summary>Writes to <c>mlContext.Log</c>.</summary>
internal sealed class LoaderLog(IHostEnvironment environment) : IDisposable
{
    private readonly IChannel _channel = environment.Start("Cifar10Loader");

    public void Info(string message) => _channel.Info(MessageSensitivity.UserData, "{0}", message);

    public void Warning(string message) => _channel.Warning(MessageSensitivity.UserData, "{0}", message);

    public void Dispose() => _channel.Dispose();
}
