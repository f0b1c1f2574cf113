using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

[TestClass]
public class ModuleSaveTests
{
    private DisposeScope _scope = null!;
    private string _path = null!;

    [TestInitialize]
    public void Prepare()
    {
        _scope = NewDisposeScope();
        _path = Path.Combine(Path.GetTempPath(), $"module-{Guid.NewGuid():N}.dat");
    }

    [TestCleanup]
    public void CleanUp()
    {
        _scope.Dispose();
        File.Delete(_path);
    }

    [TestMethod]
    public void The_saved_form_is_count_then_key_type_shape_and_raw_bytes()
    {
        using var network = Sequential(("fc", FilledLinear(1.5f, -2f)));
        var stream = new MemoryStream();
        network.save(stream);

        byte[] expected =
        [
            2, // entries, LEB128
            9, .. "fc.weight"u8, // length and characters
            6, // float32
            2, 1, 2, // two dimensions: 1 and 2
            .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(1.5f),
            7, .. "fc.bias"u8,
            6, 1, 1,
            .. BitConverter.GetBytes(-2f),
        ];
        CollectionAssert.AreEqual(expected, stream.ToArray());
    }

    [TestMethod]
    public void Numbers_above_127_take_more_bytes()
    {
        using var layer = Linear(1, 300, false);
        var stream = new MemoryStream();
        layer.save(stream);
        var bytes = stream.ToArray();

        // 1 entry, "weight", float32, 2 dimensions, 300 = 0b10_0101100, 1
        byte[] header = [1, 6, .. "weight"u8, 6, 2, 0b1010_1100, 0b0000_0010, 1];
        CollectionAssert.AreEqual(header, bytes[..header.Length]);
        Assert.AreEqual(header.Length + 4 * 300, bytes.Length);
    }

    [TestMethod]
    public void A_file_brings_back_every_parameter_and_buffer()
    {
        using var source = new TinyResNet();
        source.call(rand([4, 3, 8, 8]));
        source.save(_path);
        using var target = new TinyResNet();

        Assert.AreSame(target, target.load(_path));

        foreach (var (name, tensor) in source.state_dict())
            CollectionAssert.AreEqual(tensor.bytes.ToArray(), target.state_dict()[name].bytes.ToArray(), name);
    }

    [TestMethod]
    public void Reduced_precision_survives()
    {
        using var source = FilledLinear(1.5f, -2f).bfloat16();
        source.save(_path);
        using var target = Linear(2, 1).bfloat16();
        target.load(_path);
        Assert.AreEqual(-2, target.bias!.to_type(ScalarType.Float32).item<float>());
    }

    [TestMethod]
    public void A_writer_stays_open_and_a_stream_is_closed()
    {
        using var layer = FilledLinear(3, 4);
        var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, true))
        {
            writer.Write("header");
            layer.save(writer);
        }
        var bytes = stream.ToArray();
        using var reader = new BinaryReader(new MemoryStream(bytes));
        reader.ReadString();
        using var target = Linear(2, 1);
        target.load(reader);
        Assert.AreEqual(4, target.bias!.item<float>());
        Assert.AreEqual(bytes.Length, reader.BaseStream.Position);

        layer.save(stream);
        Assert.IsFalse(stream.CanWrite);
        var source = new MemoryStream(stream.ToArray());
        source.Position = bytes.Length;
        target.load(source, true);
        Assert.IsFalse(source.CanRead);
    }

    [TestMethod]
    public void Skipped_entries_are_neither_saved_nor_loaded()
    {
        using var source = FilledLinear(3, 4);
        source.save(_path, ["bias"]);
        using var target = FilledLinear(1, 1);
        Assert.Throws<ArgumentException>(() => target.load(_path));
        target.load(_path, false);
        Assert.AreEqual((3f, 1f), (target.weight[0, 0].item<float>(), target.bias!.item<float>()));

        source.save(_path);
        using var other = FilledLinear(1, 1);
        other.load(_path, true, ["weight"]);
        Assert.AreEqual((1f, 4f), (other.weight[0, 0].item<float>(), other.bias!.item<float>()));
    }

    [TestMethod]
    public void What_was_loaded_is_told_by_name()
    {
        using var source = Sequential(("fc", FilledLinear(3, 4)), ("extra", Linear(1, 1, false)));
        source.save(_path);
        using var target = Sequential(("fc", FilledLinear(1, 1)));
        var loaded = new Dictionary<string, bool>();

        target.load(_path, false, null, loaded);

        Assert.AreEqual(3, loaded.Count);
        Assert.IsTrue(loaded["fc.weight"] && loaded["fc.bias"]);
        Assert.IsFalse(loaded["extra.weight"]);
        Assert.AreEqual(4, target.get_parameter("fc.bias")!.item<float>());
    }

    [TestMethod]
    public void A_file_of_another_module_is_refused_by_name()
    {
        using var source = Sequential(("old", FilledLinear(3, 4)));
        source.save(_path);
        using var target = Sequential(("new", FilledLinear(1, 1)));
        var error = Assert.Throws<ArgumentException>(() => target.load(_path));
        Assert.Contains("old.weight", error.Message);
    }

    [TestMethod]
    public void A_file_of_other_shapes_or_types_is_refused()
    {
        using var source = Linear(3, 2);
        source.save(_path);
        Assert.Throws<ArgumentException>(() => Linear(2, 3).load(_path));
        Assert.Throws<ArgumentException>(() => Linear(3, 2).half().load(_path));
    }

    [TestMethod]
    public void A_cut_file_is_refused_after_what_came_before_the_cut_is_loaded()
    {
        using var source = FilledLinear(3, 4);
        source.save(_path);
        var bytes = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, bytes[..^2]);
        using var target = FilledLinear(1, 1);

        Assert.Throws<EndOfStreamException>(() => target.load(_path));
        Assert.AreEqual(3, target.weight[0, 0].item<float>());

        File.WriteAllBytes(_path, []);
        Assert.Throws<EndOfStreamException>(() => target.load(_path));
        File.Delete(_path);
        Assert.Throws<FileNotFoundException>(() => target.load(_path));
    }

    [TestMethod]
    public void Channels_last_parameters_cannot_be_saved()
    {
        using var layer = Conv2d(2, 2, 3, bias: false);
        layer.weight = Parameter(rand([2, 3, 3, 2]).permute(0, 3, 1, 2));
        Assert.Throws<Exception>(() => layer.save(new MemoryStream()));
        layer.weight = Parameter(layer.weight.detach().contiguous());
        layer.save(new MemoryStream());
    }

    private static Linear FilledLinear(float weight, float bias)
    {
        var layer = Linear(2, 1);
        init.constant_(layer.weight, weight);
        init.constant_(layer.bias!, bias);
        return layer;
    }
}
