using System.Globalization;
using MlNet.ImageClassification;

namespace MlNet.ShuffleNet;

/// <summary>Everything that tells one ShuffleNet from another, but for the images and classes, and its form as text.</summary>
internal sealed record ShuffleNetArchitecture(int Groups, double WidthMultiplier, ShuffleNetStem Stem, ChannelShuffleOrder Shuffle)
{
    private const string Prefix = "shufflenetv1";
    private const string GroupsPrefix = "g";
    private const string WidthSuffix = "x";
    private const string StemPrefix = "stem=";
    private const string ShufflePrefix = "shuffle=";

    /// <summary>
    /// Output channels of the first stage by groups, at width 1 (table 1 of the paper): with more groups the same work allows
    /// more channels.
    /// </summary>
    private static readonly Dictionary<int, int> FirstStageChannels = new() { [1] = 144, [2] = 200, [3] = 240, [4] = 272, [8] = 384 };

    /// <summary>
    /// Channels of the stem by width: 24 times the width as the paper scales them, but 24 at 1.5, as the authors' code has it.
    /// </summary>
    private static readonly Dictionary<double, int> StemChannelsByWidth = new() { [0.25] = 6, [0.5] = 12, [1] = 24, [1.5] = 24, [2] = 48 };

    /// <summary>Units per stage; the first of each halves the image size.</summary>
    private static readonly int[] StageUnits = [4, 8, 4];

    private static readonly Dictionary<string, ShuffleNetStem> Stems = new()
    {
        ["auto"] = ShuffleNetStem.Auto,
        ["imagenet"] = ShuffleNetStem.ImageNet,
        ["strided"] = ShuffleNetStem.Strided,
        ["cifar"] = ShuffleNetStem.Cifar,
    };

    private static readonly Dictionary<string, ChannelShuffleOrder> Shuffles = new()
    {
        ["paper"] = ChannelShuffleOrder.Paper,
        ["authors"] = ChannelShuffleOrder.Authors,
    };

    /// <summary>The numbers of groups the paper has channels for.</summary>
    public static IEnumerable<int> AllGroups => FirstStageChannels.Keys;

    /// <summary>The widths there are; not each of them goes with each number of groups.</summary>
    public static IEnumerable<double> AllWidths => StemChannelsByWidth.Keys;

    public IReadOnlyList<int> UnitsPerStage => StageUnits;

    /// <summary>By how much the stem and the stages together divide the image size.</summary>
    public int TotalStride => Stem switch { ShuffleNetStem.ImageNet => 32, ShuffleNetStem.Strided => 16, _ => 8 };

    /// <summary>
    /// Output channels of the stem. Where the channels that the first unit adds to them would not divide into the groups, the
    /// number is rounded up to a multiple of the groups: 16 at width 0.5 in 8 groups, as in the authors' code.
    /// </summary>
    public int StemChannels
    {
        get
        {
            var channels = StemChannelsByWidth[WidthMultiplier];
            return (StageChannels(0) - channels) % Groups == 0 ? channels : (channels + Groups - 1) / Groups * Groups;
        }
    }

    /// <summary>Output channels of the last stage.</summary>
    public int OutputChannels => StageChannels(StageUnits.Length - 1);

    /// <summary>Output channels of a stage, from 0: each stage doubles them.</summary>
    public int StageChannels(int stage) => (int)(FirstStageChannels[Groups] * WidthMultiplier) << stage;

    /// <summary>
    /// The widths that a number of groups allows: those whose bottlenecks, a quarter of a unit's channels, divide into the
    /// groups.
    /// </summary>
    public static IEnumerable<double> WidthsOf(int groups) =>
        AllWidths.Where(width => FirstStageChannels[groups] * width % (ShuffleUnit.BottleneckRatio * groups) == 0);

    /// <summary>Reads <c>shufflenetv1 [g3] [1x] [stem=auto|imagenet|strided|cifar] [shuffle=paper|authors]</c>.</summary>
    public static ShuffleNetArchitecture Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0] != Prefix)
            throw Unknown(text, words.FirstOrDefault(""));

        var result = new ShuffleNetArchitecture(3, 1, ShuffleNetStem.Auto, ChannelShuffleOrder.Paper);
        foreach (var word in words.Skip(1))
        {
            if (word.StartsWith(GroupsPrefix, StringComparison.Ordinal)
                && int.TryParse(word[GroupsPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var groups) && AllGroups.Contains(groups))
                result = result with { Groups = groups };
            else if (word.EndsWith(WidthSuffix, StringComparison.Ordinal)
                && double.TryParse(word[..^WidthSuffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var width) && AllWidths.Contains(width))
                result = result with { WidthMultiplier = width };
            else if (word.StartsWith(StemPrefix, StringComparison.Ordinal) && Stems.TryGetValue(word[StemPrefix.Length..], out var stem))
                result = result with { Stem = stem };
            else if (word.StartsWith(ShufflePrefix, StringComparison.Ordinal) && Shuffles.TryGetValue(word[ShufflePrefix.Length..], out var shuffle))
                result = result with { Shuffle = shuffle };
            else
                throw Unknown(text, word);
        }

        if (!WidthsOf(result.Groups).Contains(result.WidthMultiplier))
            throw new ArgumentException($"'{text}' is no ShuffleNet: {WidthRule(result.Groups)}.", nameof(text));
        return result;
    }

    /// <summary>Which widths go with a number of groups, and why, as a clause.</summary>
    public static string WidthRule(int groups) => FormattableString.Invariant(
        $"with {groups} groups the width must be one of {Join(WidthsOf(groups))}, so that a quarter of each unit's channels divides into the groups");

    /// <summary>Numbers as people list them, the same in every culture.</summary>
    public static string Join<T>(IEnumerable<T> values)
        where T : IFormattable => string.Join(", ", values.Select(value => value.ToString(null, CultureInfo.InvariantCulture)));

    /// <summary>Settles the stem for images of a size, and checks that they are not too small for it.</summary>
    public ShuffleNetArchitecture For(ImageShape input)
    {
        var side = Math.Min(input.Height, input.Width);
        var stem = Stem != ShuffleNetStem.Auto ? Stem : side <= 48 ? ShuffleNetStem.Cifar : side <= 96 ? ShuffleNetStem.Strided : ShuffleNetStem.ImageNet;
        var result = this with { Stem = stem };
        if (side < result.TotalStride)
            throw new ArgumentException(
                $"Images of {input} (channels x height x width) are too small for the stem {stem}: '{result}' divides height " +
                $"and width by {result.TotalStride}, so each must be at least {result.TotalStride}. " +
                (stem == ShuffleNetStem.Cifar ? "Resize the images." : $"Resize the images or choose the stem {ShuffleNetStem.Cifar}, which takes 8."), nameof(input));
        return result;
    }

    /// <summary>The text that <see cref="Parse"/> reads, every choice spelled out.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Prefix} {GroupsPrefix}{Groups} {WidthMultiplier}{WidthSuffix} {StemPrefix}{NameOf(Stems, Stem)} {ShufflePrefix}{NameOf(Shuffles, Shuffle)}");

    private static string NameOf<T>(Dictionary<string, T> names, T value) => names.Single(name => Equals(name.Value, value)).Key;

    private static ArgumentException Unknown(string text, string word) => new(
        $"'{text}' is no ShuffleNet: '{word}' is unknown. Write {Prefix}, then if need be " +
        $"{string.Join(" or ", AllGroups.Select(groups => $"{GroupsPrefix}{groups}"))}, " +
        $"{string.Join(" or ", AllWidths.Select(width => FormattableString.Invariant($"{width}{WidthSuffix}")))}, " +
        $"{string.Join(" or ", Stems.Keys.Select(stem => StemPrefix + stem))}, " +
        $"and {string.Join(" or ", Shuffles.Keys.Select(shuffle => ShufflePrefix + shuffle))}.", nameof(text));
}
