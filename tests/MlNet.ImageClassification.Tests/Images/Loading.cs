using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests.Images;

/// <summary>Rows that name or hold images, and what LoadImageFiles makes of them.</summary>
internal static class Loading
{
    public static IDataView Files(this MLContext ml, params string?[] paths) =>
        ml.Data.LoadFromEnumerable(paths.Select((path, i) => new PathRow { Id = i, ImagePath = path! }));

    public static IDataView Bytes(this MLContext ml, params byte[][] files) =>
        ml.Data.LoadFromEnumerable(files.Select(file => new FileRow { File = file }));

    public static IDataView Load(
        this MLContext ml, IDataView data, string column, int width, int height, LoadImageFilesOptions? options = null) =>
        ml.Transforms.LoadImageFiles("Features", width, height, column, options).Fit(data).Transform(data);

    /// <summary>The pixels of an image file.</summary>
    public static byte[] LoadFile(this MLContext ml, byte[] file, int width, int height, LoadImageFilesOptions? options = null) =>
        ml.Load(ml.Bytes(file), "File", width, height, options).GetColumn<byte[]>("Features").Single();

    /// <summary>What is said of an image file that cannot be used.</summary>
    public static string Refusal(this MLContext ml, byte[] file, LoadImageFilesOptions? options = null) =>
        Assert.ThrowsExactly<InvalidDataException>(() => ml.LoadFile(file, 8, 8, options)).Message;

    public static void AreNear(byte[] expected, byte[] actual, int tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.IsLessThanOrEqualTo(tolerance, Math.Abs(expected[i] - actual[i]), $"value {i}: {expected[i]} and {actual[i]}");
    }
}

internal sealed class PathRow
{
    public float Id { get; set; }

    public string ImagePath { get; set; } = "";
}

internal sealed class FileRow
{
    public byte[] File { get; set; } = [];
}

internal sealed class Loaded
{
    public byte[] Features { get; set; } = [];
}
