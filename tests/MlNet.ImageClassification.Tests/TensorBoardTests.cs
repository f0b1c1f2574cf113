using System.Buffers.Binary;
using System.Text;
using Microsoft.ML;
using SkiaSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>The events of a training, read by the few lines below and not by what wrote them.</summary>
[TestClass]
public sealed class TensorBoardTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TempFolder _folder = new();
    private readonly List<EpochMetrics> _epochs = [];

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void The_checksum_that_the_events_are_read_with_is_that_of_rfc_3720() =>
        Assert.AreEqual(0xE3069283u, Crc32C("123456789"u8)); // the check value of CRC-32C in the catalog of parametrised CRC algorithms

    [TestMethod]
    public void Every_epoch_has_its_figures()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Fit(epochs: 2);

        var events = ReadEvents(Directory.GetFiles(_folder.At("logs")).Single());

        Assert.AreEqual("brain.Event:2", events[0].Version);
        foreach (var @event in events)
            Assert.IsTrue(@event.WallTime >= before && @event.WallTime < before + 600, $"{@event.WallTime}"); // seconds since 1970
        var scalars = events.SelectMany(e => e.Scalars.Select(s => (e.Step, s.Tag, s.Value))).ToArray();
        Assert.HasCount(12, scalars);
        foreach (var epoch in _epochs)
        {
            AssertScalar("loss/train", epoch.Loss);
            AssertScalar("loss/validation", epoch.ValidationLoss!.Value);
            AssertScalar("accuracy/train", epoch.Accuracy);
            AssertScalar("accuracy/validation", epoch.ValidationAccuracy!.Value);
            AssertScalar("learning_rate", epoch.LearningRate);
            AssertScalar("images_per_second", epoch.ImagesPerSecond);

            void AssertScalar(string tag, double expected) =>
                Assert.AreEqual((float)expected, scalars.Single(s => s.Step == epoch.Epoch && s.Tag == tag).Value);
        }
    }

    [TestMethod]
    public void The_samples_are_the_training_images()
    {
        Fit(epochs: 1);

        var samples = ReadEvents(Directory.GetFiles(_folder.At("logs")).Single()).Single(e => e.Image is not null);

        // 32 images of 8 x 8 pixels in rows of eight; 36 of 48 are trained on.
        Assert.AreEqual(1, samples.Step);
        Assert.AreEqual((64, 32), (samples.Width, samples.Height));
        using var picture = SKBitmap.Decode(samples.Image);
        Assert.AreEqual((64, 32), (picture.Width, picture.Height));
        // Each is mostly red, green or blue: the colors that it was made of.
        for (int i = 0; i < 32; i++)
        {
            var sums = new double[3];
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++)
                {
                    var color = picture.GetPixel(i % 8 * 8 + x, i / 8 * 8 + y);
                    (sums[0], sums[1], sums[2]) = (sums[0] + color.Red, sums[1] + color.Green, sums[2] + color.Blue);
                }
            var means = sums.Select(sum => sum / 64).Order().ToArray();
            // 0..99 of noise and 120 for the image's color, stretched from 0..219 to 0..255: 57.6 and 197.4 on the average.
            Assert.AreEqual(57.6, means[0], 15);
            Assert.AreEqual(57.6, means[1], 15);
            Assert.AreEqual(197.4, means[2], 15);
        }
    }

    [TestMethod]
    public void A_resumed_training_adds_a_file_that_goes_on_with_the_steps()
    {
        Fit(epochs: 1, workspace: _folder.At("workspace"));
        var first = Directory.GetFiles(_folder.At("logs")).Single();
        var content = File.ReadAllBytes(first);
        Fit(epochs: 3, workspace: _folder.At("workspace"));
        // Complete: there is nothing to tell.
        Fit(epochs: 3, workspace: _folder.At("workspace"));

        var second = Directory.GetFiles(_folder.At("logs")).Single(path => path != first);
        CollectionAssert.AreEqual(content, File.ReadAllBytes(first));
        CollectionAssert.AreEqual(new long[] { 1 }, LossSteps(first));
        CollectionAssert.AreEqual(new long[] { 2, 3 }, LossSteps(second));

        static long[] LossSteps(string path) =>
            [.. ReadEvents(path).Where(e => e.Scalars.Any(s => s.Tag == "loss/train")).Select(e => e.Step)];
    }

    [TestMethod]
    public void A_classifier_trained_alone_tells_its_epochs_and_shows_no_features_as_images()
    {
        var options = Options(epochs: 2);
        options.LogDirectory = null;
        using (var start = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(48))))
            start.SaveWeights(options.InitialWeightsPath = _folder.At("start.safetensors"));
        options.Recipe = TrainingRecipe.LinearProbe;
        options.LogDirectory = _folder.At("logs");

        using var probe = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(48)));

        var events = ReadEvents(Directory.GetFiles(_folder.At("logs")).Single());
        Assert.HasCount(2, events.Where(e => e.Scalars.Any(s => s.Tag == "loss/train")));
        Assert.IsFalse(events.Any(e => e.Image is not null));
    }

    [TestMethod]
    [DataRow("file")]
    [DataRow("no\0name")]
    public void A_folder_that_cannot_be_written_is_refused_before_a_row_is_read(string folder)
    {
        File.WriteAllText(_folder.At("file"), "");
        var options = Options(epochs: 1);
        options.LogDirectory = _folder.At(folder);
        int rows = 0;
        var data = _ml.Data.LoadFromEnumerable(TinyImages.Floats(6).Select(image =>
        {
            rows++;
            return image;
        }));

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options).Fit(data));

        StringAssert.StartsWith(error.Message, $"LogDirectory is '{_folder.At(folder)}'; no events can be written there");
        Assert.AreEqual(0, rows);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("  ")]
    public void An_empty_folder_name_is_refused(string folder)
    {
        var options = Options(epochs: 1);
        options.LogDirectory = folder;

        var error = Assert.ThrowsExactly<ArgumentException>(() => new TinyTrainer(options));

        StringAssert.StartsWith(error.Message, "LogDirectory is empty; it must name a folder, or be null for no events.");
    }

    [TestMethod]
    [CpuCondition]
    public void Telling_TensorBoard_changes_no_weight()
    {
        var options = Options(epochs: 1);
        using var with = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(48)));
        options.LogDirectory = null;
        using var without = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(48)));

        CollectionAssert.AreEqual(_ml.Predict(without, 1)[0].Scores, _ml.Predict(with, 1)[0].Scores);
    }

    private ImageClassificationOptions Options(int epochs)
    {
        var options = TinyImages.Options();
        options.Epoch = epochs;
        options.ValidationSetFraction = 0.25;
        options.LogDirectory = _folder.At("logs");
        options.MetricsCallback = _epochs.Add;
        return options;
    }

    private void Fit(int epochs, string? workspace = null)
    {
        var options = Options(epochs);
        options.WorkspacePath = workspace;
        using var model = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(48)));
    }

    private sealed class Event
    {
        public double WallTime;
        public long Step;
        public string? Version;
        public List<(string Tag, float Value)> Scalars = [];
        public byte[]? Image;
        public int Width, Height;
    }

    /// <summary>TFRecord: length (8 bytes), its masked checksum (4), data, its masked checksum (4).</summary>
    private static List<Event> ReadEvents(string path)
    {
        var events = new List<Event>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (!rest.IsEmpty)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.AreEqual(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            var data = rest.Slice(12, length);
            Assert.AreEqual(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            events.Add(ReadEvent(data));
            rest = rest[(16 + length)..];
        }
        return events;
    }

    // The numbers of the fields are those of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
    private static Event ReadEvent(ReadOnlySpan<byte> data)
    {
        var result = new Event();
        foreach (var (field, number, bytes) in Fields(data))
        {
            switch (field)
            {
                case 1: result.WallTime = BitConverter.UInt64BitsToDouble(number); break;
                case 2: result.Step = (long)number; break;
                case 3: result.Version = Encoding.UTF8.GetString(bytes); break;
                case 5:
                    foreach (var (_, _, value) in Fields(bytes).Where(f => f.Field == 1))
                        ReadValue(value, result);
                    break;
            }
        }
        return result;
    }

    private static void ReadValue(byte[] data, Event result)
    {
        string tag = "";
        foreach (var (field, number, bytes) in Fields(data))
        {
            if (field == 1)
                tag = Encoding.UTF8.GetString(bytes);
            else if (field == 2)
                result.Scalars.Add((tag, BitConverter.UInt32BitsToSingle((uint)number)));
            else if (field == 4)
            {
                var image = Fields(bytes).ToDictionary(f => f.Field);
                (result.Height, result.Width, result.Image) = ((int)image[1].Number, (int)image[2].Number, image[4].Bytes);
            }
        }
    }

    private static List<(int Field, ulong Number, byte[] Bytes)> Fields(ReadOnlySpan<byte> data)
    {
        var fields = new List<(int, ulong, byte[])>();
        while (!data.IsEmpty)
        {
            int key = (int)Varint(ref data);
            switch (key & 7)
            {
                case 0: fields.Add((key >> 3, Varint(ref data), [])); break;
                case 1: fields.Add((key >> 3, BinaryPrimitives.ReadUInt64LittleEndian(data), [])); data = data[8..]; break;
                case 5: fields.Add((key >> 3, BinaryPrimitives.ReadUInt32LittleEndian(data), [])); data = data[4..]; break;
                case 2:
                    int length = (int)Varint(ref data);
                    fields.Add((key >> 3, 0, data[..length].ToArray()));
                    data = data[length..];
                    break;
                default: throw new InvalidDataException($"wire type {key & 7}");
            }
        }
        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = data[0];
            data = data[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = ~0u;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
        }
        return ~crc;
    }
}
