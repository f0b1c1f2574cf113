using System.Diagnostics;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Writes to <c>mlContext.Log</c>; to the trace listeners when a trainer was made without an MLContext.</summary>
/// <remarks>Of several processes that train together one writes.</remarks>
internal sealed class TrainingLog : IDisposable
{
    private readonly IChannel? _channel;
    private readonly bool _isQuiet;

    public TrainingLog(IHostEnvironment? environment, bool isQuiet = false)
    {
        _isQuiet = isQuiet;
        _channel = isQuiet ? null : environment?.Start("ImageClassification");
        if (_channel is null && !isQuiet)
            Trace.TraceInformation("This trainer was made without an MLContext; give it one to have its log in mlContext.Log.");
    }

    public void Info(string message)
    {
        if (_isQuiet)
            return;
        if (_channel is null)
            Trace.TraceInformation(message);
        else
            _channel.Info(MessageSensitivity.Schema, message);
    }

    public void Warning(string message)
    {
        if (_isQuiet)
            return;
        if (_channel is null)
            Trace.TraceWarning(message);
        else
            _channel.Warning(MessageSensitivity.Schema, message);
    }

    public void Dispose() => _channel?.Dispose();
}
