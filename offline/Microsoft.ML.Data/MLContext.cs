using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The start of everything: the environment of a pipeline, and the catalogs of what it can be made of.</summary>
public sealed class MLContext : IHostEnvironmentInternal
{
    private readonly HostEnvironment _environment;

    public MLContext(int? seed = null)
    {
        _environment = new HostEnvironment(seed);
        _environment.AddListener((source, message) =>
            Log?.Invoke(this, new LoggingEventArgs(message.Message, message.Kind, source.FullName)));
        Data = new DataOperationsCatalog(_environment);
        Transforms = new TransformsCatalog(_environment);
        MulticlassClassification = new MulticlassClassificationCatalog(_environment);
        Model = new ModelOperationsCatalog(_environment);
    }

    public event EventHandler<LoggingEventArgs> Log;

    public DataOperationsCatalog Data { get; }

    public TransformsCatalog Transforms { get; }

    public MulticlassClassificationCatalog MulticlassClassification { get; }

    public ModelOperationsCatalog Model { get; }

    public ComponentCatalog ComponentCatalog => _environment.ComponentCatalog;

    public bool FallbackToCpu
    {
        get => _environment.FallbackToCpu;
        set => _environment.FallbackToCpu = value;
    }

    public int? GpuDeviceId
    {
        get => _environment.GpuDeviceId;
        set => _environment.GpuDeviceId = value;
    }

    int? IHostEnvironmentInternal.Seed => _environment.Seed;

    string IExceptionContext.ContextDescription => _environment.ContextDescription;

    TException IExceptionContext.Process<TException>(TException ex) => _environment.Process(ex);

    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) =>
        _environment.Register(name, seed, verbose);

    IChannel IChannelProvider.Start(string name) => _environment.Start(name);

    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) =>
        _environment.StartProgressChannel(name);
}
