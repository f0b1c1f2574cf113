using System.Buffers.Binary;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SkiaSharp;

namespace MlNet.ImageClassification.Tests.Images;

/// <summary>What LoadImageFiles says about images that cannot be used, and what it does about them.</summary>
[TestClass]
public sealed class BadImageTests
{
    private const string Advice = " Repair or remove it, or set BadImages to Skip.";

    private static readonly byte[] s_png = ImageFiles.Png(32, 32, Noise);
    private static readonly byte[] s_jpeg = ImageFiles.Jpeg(32, 32, Noise);

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public BadImageTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [TestMethod]
    public void A_file_cut_in_half_is_a_bad_image()
    {
        const string CutOff = "The image file in row 0 of column 'File' cannot be used: it is cut off: the end of its pixels is missing." + Advice;
        Assert.AreEqual(CutOff, _ml.Refusal(Half(s_png)));
        Assert.AreEqual(CutOff, _ml.Refusal(Half(s_jpeg)));
        Assert.AreEqual(
            "The image file in row 0 of column 'File' cannot be used: its pixels cannot be decoded, as the file is damaged or cut off (InvalidInput)." +
            Advice, _ml.Refusal(Half(ImageFiles.ProgressiveJpeg)));
        Assert.HasCount(3 * 8 * 8, _ml.LoadFile(ImageFiles.ProgressiveJpeg, 8, 8));
    }

    [TestMethod]
    public void A_damaged_file_is_a_bad_image()
    {
        byte[] damaged = [.. s_png];
        damaged.AsSpan(damaged.Length / 2, 20).Clear();
        Assert.Contains("its pixels cannot be decoded, as the file is damaged or cut off", _ml.Refusal(damaged));
    }

    [TestMethod]
    public void What_is_no_image_is_a_bad_image()
    {
        const string NoFormat =
            "cannot be used: it is in no format that can be read (JPEG, PNG, GIF, WebP, BMP, ICO), or its header is damaged or cut off." + Advice;
        Assert.EndsWith(NoFormat, _ml.Refusal("<svg/>"u8.ToArray()));
        Assert.EndsWith(NoFormat, _ml.Refusal(s_jpeg[..20]));
        Assert.EndsWith("cannot be used: it is empty (0 bytes)." + Advice, _ml.Refusal([]));
    }

    [TestMethod]
    public void A_header_of_a_huge_image_is_refused_before_memory_is_taken()
    {
        var huge = ImageFiles.RawPng(50_000, 50_000, 8, 2, [0]);
        long before = GC.GetTotalAllocatedBytes();
        Assert.EndsWith(
            "cannot be used: it has 50000 x 50000 pixels, more than the 178956970 of MaximumPixels." + Advice, _ml.Refusal(huge));
        Assert.IsLessThan(100_000_000, GC.GetTotalAllocatedBytes() - before);

        // A JPEG has its height and width behind the marker of its frame, a length and the bits of a sample.
        byte[] jpeg = [.. s_jpeg];
        int frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), 30_000);
        Assert.Contains("it has 30000 x 40000 pixels", _ml.Refusal(jpeg));
    }

    [TestMethod]
    public void The_limit_of_pixels_can_be_chosen()
    {
        Assert.HasCount(3 * 8 * 8, _ml.LoadFile(s_png, 8, 8, new() { MaximumPixels = 32 * 32 }));
        Assert.Contains(
            "it has 32 x 32 pixels, more than the 1023 of MaximumPixels", _ml.Refusal(s_png, new() { MaximumPixels = 32 * 32 - 1 }));
    }

    [TestMethod]
    public void A_bad_path_is_named_with_the_reason()
    {
        using var folder = new TempFolder();
        folder.Write("folder.png/x", []);

        Check("missing.png", $"The image file '{folder.At("missing.png")}' cannot be used: there is no such file.");
        Check("no/missing.png", $"The image file '{folder.At("no/missing.png")}' cannot be used: there is no such file.");
        Check("folder.png", $"The image file '{folder.At("folder.png")}' cannot be used: it is a folder.");
        Check(folder.Write("empty.png", []), $"The image file '{folder.At("empty.png")}' cannot be used: it is empty (0 bytes).");
        Check("", "The image path in row 0 of column 'ImagePath' cannot be used: it is empty.");
        Check("  ", "The image path in row 0 of column 'ImagePath' cannot be used: it is empty.");
        Check(null, "The image path in row 0 of column 'ImagePath' cannot be used: it is empty.");
        Check("a\0b.png", $"The image file '{folder.At("a\0b.png")}' cannot be used: Null character in path.");

        void Check(string? path, string expected)
        {
            var loaded = _ml.Load(_ml.Files(path), "ImagePath", 8, 8, new() { ImageFolder = folder.Path });
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => loaded.GetColumn<byte[]>("Features").ToArray());
            Assert.StartsWith(expected, exception.Message);
            Assert.EndsWith(Advice, exception.Message);
        }
    }

    [TestMethod]
    public void Skipped_images_are_empty_and_told_at_the_end()
    {
        using var folder = new TempFolder();
        string good = folder.Write("good.png", s_png);
        var data = _ml.Files(good, folder.At("a.png"), folder.Write("half.png", Half(s_png)), good, folder.At("b.png"), folder.At("c.png"), good);

        var loaded = _ml.Load(data, "ImagePath", 8, 8, new() { BadImages = BadImagePolicy.Skip }).GetColumn<byte[]>("Features").ToArray();

        CollectionAssert.AreEqual(new[] { 192, 0, 0, 192, 0, 0, 192 }, loaded.Select(pixels => pixels.Length).ToArray());
        CollectionAssert.AreEqual(loaded[0], loaded[6]);
        Assert.AreEqual(
            "4 rows have an empty vector in column 'Features' because of a bad image. " +
            $"The image file '{folder.At("a.png")}' cannot be used: there is no such file. " +
            $"The image file '{folder.At("half.png")}' cannot be used: it is cut off: the end of its pixels is missing. " +
            $"The image file '{folder.At("b.png")}' cannot be used: there is no such file. And so on.", _warnings.Single());
    }

    [TestMethod]
    public void Nothing_is_told_where_every_image_can_be_used()
    {
        _ml.LoadFile(s_png, 8, 8, new() { BadImages = BadImagePolicy.Skip });
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    [DataRow(BadImagePolicy.Skip)]
    [DataRow(BadImagePolicy.Fail)]
    public void A_model_that_skips_bad_images_leaves_them_out_of_training_and_gives_them_missing_scores(BadImagePolicy policyOfLoading)
    {
        using var folder = new TempFolder();
        var rows = Enumerable.Range(0, 12)
            .Select(i => new LabeledPath { Class = TinyImages.Label(i), ImagePath = TinyImages.WriteImage(folder, i) }).ToList();
        rows.Insert(3, new LabeledPath { Class = "red", ImagePath = folder.At("missing.png") });
        var options = TinyImages.Options();
        options.BadImages = BadImagePolicy.Skip;
        var pipeline = _ml.Transforms.LoadImageFiles("Pixels", 8, 8, "ImagePath", new() { BadImages = policyOfLoading })
            .Append(_ml.Transforms.CopyColumns("Features", "Pixels"))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Class"))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Class2", "Label"))
            .Append(new TinyTrainer(options, _ml));

        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = pipeline.Fit(data);

        Assert.AreEqual(1, model.LastTransformer.Report!.BadImages);
        Assert.Contains("Left out 1 row with a bad image", string.Join("\n", _warnings));
        var missing = model.Transform(data).GetColumn<float[]>("Score").Select(scores => scores.All(float.IsNaN)).ToList();
        Assert.AreEqual("3", string.Join(',', Enumerable.Range(0, 13).Where(i => missing[i])));
        var engine = _ml.Model.CreatePredictionEngine<LabeledPath, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.IsTrue(engine.Predict(rows[3]).Scores.All(float.IsNaN));
        Assert.IsFalse(engine.Predict(rows[4]).Scores.Any(float.IsNaN));
    }

    [TestMethod]
    public void Rows_with_an_empty_vector_can_be_filtered_out()
    {
        var loaded = _ml.Load(_ml.Bytes(s_png, Half(s_png), s_jpeg), "File", 8, 8, new() { BadImages = BadImagePolicy.Skip });
        var usable = _ml.Data.Cache(_ml.Data.FilterByCustomPredicate<Loaded>(loaded, row => row.Features.Length == 0));
        CollectionAssert.AreEqual(new[] { 192, 192 }, usable.GetColumn<byte[]>("Features").Select(pixels => pixels.Length).ToArray());
    }

    private static byte[] Half(byte[] file) => file[..(file.Length / 2)];

    // Noise cannot be packed, so that half a file is half the pixels.
    private static SKColor Noise(int x, int y) => new((uint)(2654435761 * (32 * y + x + 1)) | 0xFF000000);

    private sealed class LabeledPath
    {
        public float Id { get; set; }

        public string Class { get; set; } = "";

        public string ImagePath { get; set; } = "";
    }
}
