using System.Formats.Tar;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace MlNet.ResNet.Pretrained.Tests;

/// <summary>Runs a test only where the environment variable MLNETCNN_DATA names a folder with the flower photos.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FlowerPhotoConditionAttribute : ConditionBaseAttribute
{
    public FlowerPhotoConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = $"There is no file '{FlowerPhoto.Archive}' (MLNETCNN_DATA names its folder).";

    public override string GroupName => "FlowerPhoto";

    public override bool IsConditionMet => File.Exists(FlowerPhoto.Archive);
}

/// <summary>A real photo.</summary>
internal static class FlowerPhoto
{
    public static string Archive { get; } =
        Path.Combine(Environment.GetEnvironmentVariable("MLNETCNN_DATA") ?? "", "flower_photos-subset.tar");

    /// <summary>The first photo of the archive, planar.</summary>
    public static byte[] Pixels(int side)
    {
        using var tar = new TarReader(File.OpenRead(Archive));
        while (tar.GetNextEntry() is { } entry)
        {
            if (!entry.Name.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase))
                continue;
            var content = new byte[entry.Length];
            entry.DataStream!.ReadExactly(content);
            var ml = new MLContext();
            var photo = ml.Data.LoadFromEnumerable(new[] { new Photo { Content = content } });
            var pixels = ml.Transforms.LoadImageFiles("Pixels", side, side, "Content").Fit(photo).Transform(photo)
                .GetColumn<byte[]>("Pixels").Single();
            return [.. Enumerable.Range(0, 3).SelectMany(channel => Enumerable.Range(0, side * side).Select(i => pixels[3 * i + channel]))];
        }
        throw new InvalidDataException($"'{Archive}' has no photo.");
    }

    private sealed class Photo
    {
        public byte[] Content { get; set; } = [];
    }
}
