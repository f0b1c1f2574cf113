using MlNet.ImageClassification;

namespace MlNet.ShuffleNet;

/// <summary>What a ShuffleNet trainer can be told: the network's variant, and everything all image trainers share.</summary>
public class ShuffleNetOptions : ImageClassificationOptions
{
    /// <summary>
    /// Groups of the 1x1 convolutions: 1, 2, 3, 4 or 8. For the same work, more groups have more channels.
    /// </summary>
    /// <value>The default value is 3.</value>
    public int Groups { get; set; } = 3;

    /// <summary>
    /// By how much the paper's numbers of channels are multiplied: 0.25, 0.5, 1, 1.5 or 2; with 2 or 4 groups 1 or 2 only, as
    /// the channels would not divide into the groups. Work and parameters grow about with its square.
    /// </summary>
    /// <value>The default value is 1.</value>
    public double WidthMultiplier { get; set; } = 1;

    /// <summary>How the network begins, which decides how large its images have to be.</summary>
    /// <value>The default value is <see cref="ShuffleNetStem.Auto"/>: by the size of the images.</value>
    public ShuffleNetStem Stem { get; set; } = ShuffleNetStem.Auto;

    /// <summary>
    /// Which permutation the channel shuffle is. It matters to published weights alone: those of the authors need
    /// <see cref="ChannelShuffleOrder.Authors"/>.
    /// </summary>
    /// <value>The default value is <see cref="ChannelShuffleOrder.Paper"/>.</value>
    public ChannelShuffleOrder ChannelShuffle { get; set; } = ChannelShuffleOrder.Paper;

    /// <inheritdoc/>
    internal override void Validate()
    {
        base.Validate();
        OptionRule.Require(ShuffleNetArchitecture.AllGroups.Contains(Groups), nameof(Groups), Groups,
            $"it must be one of {ShuffleNetArchitecture.Join(ShuffleNetArchitecture.AllGroups)}");
        OptionRule.Require(ShuffleNetArchitecture.WidthsOf(Groups).Contains(WidthMultiplier), nameof(WidthMultiplier), WidthMultiplier,
            ShuffleNetArchitecture.WidthRule(Groups));
        OptionRule.Require(Enum.IsDefined(Stem), nameof(Stem), Stem, $"it must be one of {string.Join(", ", Enum.GetNames<ShuffleNetStem>())}");
        OptionRule.Require(Enum.IsDefined(ChannelShuffle), nameof(ChannelShuffle), ChannelShuffle,
            $"it must be one of {string.Join(", ", Enum.GetNames<ChannelShuffleOrder>())}");
    }
}
