using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public class LoggingEventArgs : EventArgs
{
    internal LoggingEventArgs(string message, ChannelMessageKind kind, string source)
    {
        RawMessage = message;
        Kind = kind;
        Source = source;
        Message = $"[Source={Source}, Kind={Kind}] {RawMessage}";
    }

    public string Message { get; }

    public string RawMessage { get; }

    public ChannelMessageKind Kind { get; }

    /// <summary>The component and activity the message comes from.</summary>
    public string Source { get; }
}
