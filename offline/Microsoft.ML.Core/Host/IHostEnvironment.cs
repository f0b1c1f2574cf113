namespace Microsoft.ML.Runtime;

public interface IChannelProvider : IExceptionContext
{
    IChannel Start(string name);
}

/// <summary>What a component needs from its surroundings: logging, progress, randomness, the component catalog.</summary>
public interface IHostEnvironment : IChannelProvider, IProgressChannelProvider
{
    ComponentCatalog ComponentCatalog { get; }

    IHost Register(string name, int? seed = null, bool? verbose = null);
}

/// <summary>The environment of one component, under its name.</summary>
public interface IHost : IHostEnvironment
{
    Random Rand { get; }
}

internal interface IHostEnvironmentInternal : IHostEnvironment
{
    int? Seed { get; }

    bool FallbackToCpu { get; set; }

    int? GpuDeviceId { get; set; }
}
