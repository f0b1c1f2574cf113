using System.Globalization;
using MlNet.ImageClassification;

namespace MlNet.ResNet;

/// <summary>Everything that tells one ResNet from another, but for the images and classes, and its form as text.</summary>
internal sealed record ResNetArchitecture(int Depth, ResNetVersion Version, ResNetStem Stem, bool ZeroInitResidual)
{
    private const string Prefix = "resnet";
    private const string BlocksPrefix = "blocks=";
    private const int MostBlocks = 99;
    private const string StemPrefix = "stem=";
    private const string ZeroInitResidualText = "zero-init-residual";

    // As the first saved models have it.
    private const string ZeroInitResidualOldText = "zero-last-norm";

    /// <summary>Residual blocks per stage, by depth.</summary>
    private static readonly Dictionary<int, int[]> StageBlocks = new()
    {
        [18] = [2, 2, 2, 2],
        [34] = [3, 4, 6, 3],
        [50] = [3, 4, 6, 3],
        [101] = [3, 4, 23, 3],
        [152] = [3, 8, 36, 3],
    };

    private static readonly Dictionary<string, ResNetVersion> Versions = new() { ["v1.5"] = ResNetVersion.V1_5, ["v1"] = ResNetVersion.V1 };

    private static readonly Dictionary<string, ResNetStem> Stems = new()
    {
        ["auto"] = ResNetStem.Auto,
        ["imagenet"] = ResNetStem.ImageNet,
        ["cifar"] = ResNetStem.Cifar,
        ["cifar-pool"] = ResNetStem.CifarPool,
    };

    /// <summary>Residual blocks per stage where a network has others than its depth in the paper, as published ones have; else null.</summary>
    public IReadOnlyList<int>? OtherBlocks { get; init; }

    public IReadOnlyList<int> BlocksPerStage => OtherBlocks ?? StageBlocks[Depth];

    public bool HasBottlenecks => Depth >= 50;

    /// <summary>By how much the stem and the stages together divide the image size.</summary>
    public int TotalStride => Stem switch { ResNetStem.ImageNet => 32, ResNetStem.CifarPool => 16, _ => 8 };

    /// <summary>Reads <c>resnet50 [v1.5|v1] [blocks=3-4-6-3] [stem=auto|imagenet|cifar|cifar-pool] [zero-init-residual]</c>.</summary>
    public static ResNetArchitecture Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !words[0].StartsWith(Prefix, StringComparison.Ordinal)
            || !int.TryParse(words[0][Prefix.Length..], out var depth) || !StageBlocks.ContainsKey(depth))
            throw Unknown(text, words.FirstOrDefault(""));

        var result = new ResNetArchitecture(depth, ResNetVersion.V1_5, ResNetStem.Auto, false);
        foreach (var word in words.Skip(1))
        {
            if (Versions.TryGetValue(word, out var version))
                result = result with { Version = version };
            else if (word.StartsWith(BlocksPrefix, StringComparison.Ordinal) && ParseBlocks(word[BlocksPrefix.Length..]) is { } blocks)
                result = result with { OtherBlocks = blocks };
            else if (word.StartsWith(StemPrefix, StringComparison.Ordinal) && Stems.TryGetValue(word[StemPrefix.Length..], out var stem))
                result = result with { Stem = stem };
            else if (word is ZeroInitResidualText or ZeroInitResidualOldText)
                result = result with { ZeroInitResidual = true };
            else
                throw Unknown(text, word);
        }

        return result;
    }

    /// <summary>Settles the stem for images of a size, and checks that they are not too small for it.</summary>
    public ResNetArchitecture For(ImageShape input)
    {
        var side = Math.Min(input.Height, input.Width);
        var stem = Stem != ResNetStem.Auto ? Stem : side <= 48 ? ResNetStem.Cifar : side <= 96 ? ResNetStem.CifarPool : ResNetStem.ImageNet;
        var result = this with { Stem = stem };
        if (side < result.TotalStride)
            throw new ArgumentException(
                $"Images of {input} (channels x height x width) are too small for the stem {stem}: '{result}' divides height " +
                $"and width by {result.TotalStride}, so each must be at least {result.TotalStride}. " +
                (stem == ResNetStem.Cifar ? "Resize the images." : $"Resize the images or choose the stem {ResNetStem.Cifar}, which takes 8."), nameof(input));
        return result;
    }

    /// <summary>The text that <see cref="Parse"/> reads, every choice spelled out.</summary>
    public override string ToString() =>
        $"{Prefix}{Depth} {NameOf(Versions, Version)} {(OtherBlocks is null ? "" : $"{BlocksPrefix}{string.Join('-', OtherBlocks)} ")}{StemPrefix}{NameOf(Stems, Stem)}{(ZeroInitResidual ? " " + ZeroInitResidualText : "")}";

    private static int[]? ParseBlocks(string text)
    {
        var counts = text.Split('-').Select(count => int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        return counts.Length == 4 && counts.All(count => count is >= 1 and <= MostBlocks) ? counts : null;
    }

    private static string NameOf<T>(Dictionary<string, T> names, T value) => names.Single(name => Equals(name.Value, value)).Key;

    private static ArgumentException Unknown(string text, string word) => new(
        $"'{text}' is no ResNet: '{word}' is unknown. Write {string.Join(", ", StageBlocks.Keys.Select(depth => Prefix + depth))}, " +
        $"then if need be {string.Join(" or ", Versions.Keys)}, {BlocksPrefix}3-4-6-3 (1 to {MostBlocks} blocks in each of four stages), {string.Join(" or ", Stems.Keys.Select(stem => StemPrefix + stem))}, and {ZeroInitResidualText}.", nameof(text));
}
