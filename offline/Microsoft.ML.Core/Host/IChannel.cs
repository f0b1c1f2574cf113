namespace Microsoft.ML.Runtime;

public interface IPipe<TMessage> : IExceptionContext, IDisposable
{
}

/// <summary>A stream of log messages from one activity; it announces its start and its end by itself.</summary>
public interface IChannel : IPipe<ChannelMessage>
{
    void Trace(MessageSensitivity sensitivity, string fmt);

    void Error(MessageSensitivity sensitivity, string fmt);

    void Error(MessageSensitivity sensitivity, string fmt, params object[] args);

    void Warning(MessageSensitivity sensitivity, string fmt);

    void Warning(MessageSensitivity sensitivity, string fmt, params object[] args);

    void Info(MessageSensitivity sensitivity, string fmt);

    void Info(MessageSensitivity sensitivity, string fmt, params object[] args);
}

public enum ChannelMessageKind
{
    Trace = 0,
    Info = 1,
    Warning = 2,
    Error = 3,
}

/// <summary>What a message may give away.</summary>
[Flags]
public enum MessageSensitivity
{
    None = 0,
    UserData = 1,
    Schema = 2,
    Unknown = ~None,
    All = Unknown,
}

public readonly struct ChannelMessage
{
    internal readonly ChannelMessageKind Kind;
    private readonly string _format;
    private readonly object[] _args;

    internal ChannelMessage(ChannelMessageKind kind, string format, object[] args = null)
    {
        Contracts.CheckNonEmpty(format, nameof(format));
        Kind = kind;
        _format = format;
        _args = args;
    }

    internal string Message => _args is null ? _format : string.Format(_format, _args);
}

internal static class ChannelExtensions
{
    public static void Trace(this IChannel channel, string message) =>
        channel.Trace(MessageSensitivity.Unknown, message);

    public static void Info(this IChannel channel, string message) =>
        channel.Info(MessageSensitivity.Unknown, message);

    public static void Warning(this IChannel channel, string message) =>
        channel.Warning(MessageSensitivity.Unknown, message);

    public static void Error(this IChannel channel, string message) =>
        channel.Error(MessageSensitivity.Unknown, message);
}
