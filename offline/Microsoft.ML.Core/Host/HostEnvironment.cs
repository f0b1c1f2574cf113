using System.Diagnostics;

namespace Microsoft.ML.Runtime;

/// <summary>Who sent a message.</summary>
internal interface IMessageSource
{
    string FullName { get; }
}

/// <summary>The root environment of an MLContext, and the host of each component registered in it.</summary>
internal sealed class HostEnvironment : IHost, IHostEnvironmentInternal
{
    private readonly HostEnvironment _root;
    private readonly HostEnvironment _parent;
    private readonly string _name;
    private readonly string _parentName;
    private Action<IMessageSource, ChannelMessage> _listener;

    public HostEnvironment(int? seed)
    {
        _root = this;
        Seed = seed;
        Rand = seed is { } value ? new TauswortheHybrid(value) : new TauswortheHybrid(new Random());
        ComponentCatalog = new ComponentCatalog();
    }

    private HostEnvironment(HostEnvironment parent, string name, int? seed)
    {
        _root = parent._root;
        _parent = parent;
        _name = name;
        _parentName = parent._parent?.FullName;
        Seed = parent.Seed;
        Rand = seed is { } value ? new TauswortheHybrid(value) : new TauswortheHybrid(parent.Rand);
        ComponentCatalog = parent.ComponentCatalog;
        GpuDeviceId = parent.GpuDeviceId;
        FallbackToCpu = parent.FallbackToCpu;
    }

    public ComponentCatalog ComponentCatalog { get; }

    public Random Rand { get; }

    public int? Seed { get; }

    public int? GpuDeviceId { get; set; }

    public bool FallbackToCpu { get; set; }

    public string FullName => string.IsNullOrEmpty(_parentName) ? _name : $"{_parentName}; {_name}";

    public string ContextDescription => "HostEnvironment";

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        // The child's numbers are drawn from the parent's, which is not safe to do from two threads.
        lock (Rand)
            return new HostEnvironment(this, name, seed);
    }

    public IChannel Start(string name) => new Channel(this, name);

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel(this, name);

    public void AddListener(Action<IMessageSource, ChannelMessage> listener)
    {
        lock (_root)
            _root._listener += listener;
    }

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex is null)
            return null;
        ex.Data["Throwing component"] = "Environment";
        return Contracts.Mark(ex);
    }

    private sealed class Channel : IChannel, IMessageSource
    {
        private readonly HostEnvironment _host;
        private readonly string _name;
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private bool _disposed;

        public Channel(HostEnvironment host, string name)
        {
            _host = host;
            _name = name;
            Trace(MessageSensitivity.None, "Channel started");
        }

        public string FullName => string.IsNullOrEmpty(_host.FullName) ? _name : $"{_host.FullName}; {_name}";

        public string ContextDescription => FullName;

        private void Send(ChannelMessage msg) => _host._root._listener?.Invoke(this, msg);

        public void Trace(MessageSensitivity sensitivity, string fmt) =>
            Send(new ChannelMessage(ChannelMessageKind.Trace, fmt));

        public void Info(MessageSensitivity sensitivity, string fmt) =>
            Send(new ChannelMessage(ChannelMessageKind.Info, fmt));

        public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) =>
            Send(new ChannelMessage(ChannelMessageKind.Info, fmt, args));

        public void Warning(MessageSensitivity sensitivity, string fmt) =>
            Send(new ChannelMessage(ChannelMessageKind.Warning, fmt));

        public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) =>
            Send(new ChannelMessage(ChannelMessageKind.Warning, fmt, args));

        public void Error(MessageSensitivity sensitivity, string fmt) =>
            Send(new ChannelMessage(ChannelMessageKind.Error, fmt));

        public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) =>
            Send(new ChannelMessage(ChannelMessageKind.Error, fmt, args));

        public TException Process<TException>(TException ex)
            where TException : Exception
        {
            if (ex is null)
                return null;
            ex.Data["Throwing component"] = _host._name;
            ex.Data["Parent component"] = _host._parentName;
            ex.Data["Phase"] = _name;
            return Contracts.Mark(ex);
        }

        public void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            Trace(MessageSensitivity.None, $"Channel finished. Elapsed {_watch.Elapsed:c}.");
            Trace(MessageSensitivity.None, "Channel disposed");
        }
    }
}
