using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where the transforms are found: each is an extension method, in the assembly that brings it.</summary>
public sealed class TransformsCatalog : IInternalCatalog
{
    private readonly IHostEnvironment _environment;

    internal TransformsCatalog(IHostEnvironment environment)
    {
        _environment = environment;
        Conversion = new ConversionTransforms(this);
    }

    public ConversionTransforms Conversion { get; }

    IHostEnvironment IInternalCatalog.Environment => _environment;

    public sealed class ConversionTransforms : IInternalCatalog
    {
        private readonly IHostEnvironment _environment;

        internal ConversionTransforms(TransformsCatalog owner) => _environment = owner._environment;

        IHostEnvironment IInternalCatalog.Environment => _environment;
    }
}
