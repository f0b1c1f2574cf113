using MlNet.ImageClassification;

namespace MlNet.ResNet;

/// <summary>What a ResNet trainer can be told: the network's variant, and everything all image trainers share.</summary>
public class ResNetOptions : ImageClassificationOptions
{
    /// <summary>How the network begins, which decides how large its images have to be.</summary>
    /// <value>The default value is <see cref="ResNetStem.Auto"/>: by the size of the images.</value>
    public ResNetStem Stem { get; set; } = ResNetStem.Auto;

    /// <summary>Which layer of a bottleneck block takes the stride.</summary>
    /// <value>The default value is <see cref="ResNetVersion.V1_5"/>.</value>
    public ResNetVersion Version { get; set; } = ResNetVersion.V1_5;

    /// <summary>
    /// Whether the scale of the last norm of each residual block starts at zero instead of one, so that every block starts as
    /// its shortcut.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ZeroInitResidual { get; set; }

    /// <inheritdoc/>
    internal override void Validate()
    {
        base.Validate();
        OptionRule.Require(Enum.IsDefined(Stem), nameof(Stem), Stem, $"it must be one of {string.Join(", ", Enum.GetNames<ResNetStem>())}");
        OptionRule.Require(Enum.IsDefined(Version), nameof(Version), Version, $"it must be one of {string.Join(", ", Enum.GetNames<ResNetVersion>())}");
    }
}
