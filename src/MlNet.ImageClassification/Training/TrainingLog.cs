using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Writes to <c>mlContext.Log</c>; to nowhere when a trainer was made without an MLContext.</summary>
internal sealed class TrainingLog(IHostEnvironment? environment) : IDisposable
{
    private readonly IChannel? _channel = environment?.Start("ImageClassification");

    public void Info(string message) => _channel?.Info(MessageSensitivity.Schema, message);

    public void Warning(string message) => _channel?.Warning(MessageSensitivity.Schema, message);

    public void Dispose() => _channel?.Dispose();
}
