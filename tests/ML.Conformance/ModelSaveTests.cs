using System.IO.Compression;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using ML.Conformance.Custom;

namespace ML.Conformance;

[TestClass]
public class ModelSaveTests
{
    private readonly MLContext _ml = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"model-{Guid.NewGuid():N}.zip");

    private DataViewSchema Schema => _ml.Data.LoadFromEnumerable(new List<Row>()).Schema;

    [TestCleanup]
    public void Delete() => File.Delete(_path);

    [TestMethod]
    public void A_third_partys_model_loads_in_a_process_that_names_none_of_its_types()
    {
        var chain = new ScaleTransformer("Twice", "Value", 2).Append(new ScaleTransformer("Scaled", "Twice", 1.1f));
        _ml.Model.Save(chain, Schema, _path);

        var loader = ChildProcess.Run("dotnet", "exec", LoaderPath, _path, "1", "2.5");

        Assert.AreEqual(0, loader.ExitCode, loader.Errors);
        string[] lines = loader.Output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.AreEqual("Value: Single; Name: String", lines[0]);
        Assert.AreEqual(string.Join(" ", 1f * 2 * 1.1f, 2.5f * 2 * 1.1f), lines[1]);
    }

    [TestMethod]
    public void A_full_disk_is_what_saving_tells()
    {
        // A name of many random letters makes the file large.
        var letters = new byte[300_000];
        new Random(1).NextBytes(letters);
        var model = new ScaleTransformer("A", "Value", 3).Append(new ScaleTransformer(Convert.ToBase64String(letters), "Value", 3));
        using var whole = new MemoryStream();
        _ml.Model.Save(model, Schema, whole);
        for (long room = 0; room < whole.Length; room += 9_999)
        {
            var exception = Assert.ThrowsExactly<IOException>(() => _ml.Model.Save(model, Schema, new SmallDisk(room)));
            Assert.AreEqual(SmallDisk.Message, exception.Message);
        }
    }

    [TestMethod]
    public void A_chain_keeps_its_members_and_their_scopes()
    {
        var chain = new TransformerChain<ITransformer>().Append(new ScaleTransformer("A", "Value", 3))
            .Append(new ScaleTransformer("B", "Value", 4), TransformerScope.TrainTest);
        using var stream = new MemoryStream();
        _ml.Model.Save(chain, Schema, stream);
        stream.Position = 0;
        var loaded = (TransformerChain<ITransformer>)_ml.Model.Load(stream, out var schema);

        Assert.AreEqual("Value Name", Names(schema));
        Assert.AreEqual("Value Name A", Names(loaded.GetOutputSchema(Schema)));
        Assert.AreEqual("Value Name A B", Names(loaded.GetOutputSchema(Schema, TransformerScope.Everything)));
        Assert.IsInstanceOfType<ScaleTransformer>(loaded.LastTransformer);
    }

    [TestMethod]
    public void A_single_transformer_is_loaded_as_itself_and_the_schema_may_be_left_out()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        var loaded = _ml.Model.Load(_path, out var schema);

        Assert.IsInstanceOfType<ScaleTransformer>(loaded);
        Assert.IsNull(schema);
    }

    [TestMethod]
    public void The_input_schema_keeps_types_and_annotations()
    {
        var kinds = new DataViewSchema.Annotations.Builder();
        kinds.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> value) =>
            value = new VBuffer<ReadOnlyMemory<char>>(2, ["cat".AsMemory(), "dög".AsMemory()]));
        kinds.Add("Weight", NumberDataViewType.Single, (ref float value) => value = 0.1f);
        kinds.Add("IsNormalized", BooleanDataViewType.Instance, (ref bool value) => value = true);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), 2), kinds.ToAnnotations());
        builder.AddColumn("Pixels", new VectorDataViewType(NumberDataViewType.Byte, 3, 4, 5));
        builder.AddColumn("Words", new VectorDataViewType(TextDataViewType.Instance));
        _ml.Model.Save(new TransformerChain<ITransformer>(), builder.ToSchema(), _path);
        _ml.Model.Load(_path, out var schema);

        Assert.AreEqual(
            "Label: Key<UInt32, 0-1> {KeyValues, Weight, IsNormalized}; Pixels: Vector<Byte, 3, 4, 5>; "
            + "Words: Vector<String>",
            string.Join("; ", schema));
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Label"].Annotations.GetValue("KeyValues", ref names);
        Assert.AreEqual("dög", names.GetItemOrDefault(1).ToString());
        float weight = 0;
        schema["Label"].Annotations.GetValue("Weight", ref weight);
        Assert.AreEqual(0.1f, weight);
        bool normalized = false;
        schema["Label"].Annotations.GetValue("IsNormalized", ref normalized);
        Assert.IsTrue(normalized);
    }

    [TestMethod]
    public void Columns_that_cannot_be_written_are_left_out_of_the_saved_schema()
    {
        var schema = _ml.Data.LoadFromEnumerable(new List<ImageRow>()).Schema;
        Assert.AreEqual("Image Name", Names(schema));
        _ml.Model.Save(new TransformerChain<ITransformer>(), schema, _path);
        _ml.Model.Load(_path, out var loaded);

        Assert.AreEqual("Name", Names(loaded));
    }

    [TestMethod]
    public void Loading_logs_what_the_loaded_component_logs()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        var messages = new List<string>();
        _ml.Log += (_, e) => messages.Add(e.Message);
        _ml.Model.Load(_path, out _);

        CollectionAssert.Contains(messages, "[Source=Scale; Loading, Kind=Info] Loading a scale");
    }

    [TestMethod]
    public void An_assembly_can_be_registered_by_hand_any_number_of_times()
    {
        _ml.ComponentCatalog.RegisterAssembly(typeof(ScaleTransformer).Assembly);
        _ml.ComponentCatalog.RegisterAssembly(typeof(ScaleTransformer).Assembly, throwOnError: true);
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        Assert.IsInstanceOfType<ScaleTransformer>(_ml.Model.Load(_path, out _));
    }

    [TestMethod]
    public void A_file_that_is_not_an_archive_is_refused()
    {
        File.WriteAllText(_path, "This is not a model.");
        var refused = Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(_path, out _));
        Assert.AreEqual("Failed to open a zip archive", refused.Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Model.Load(_path + ".missing", out _));
    }

    [TestMethod]
    public void An_archive_cut_short_is_refused()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), Schema, _path);
        byte[] whole = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, whole[..(whole.Length / 2)]);
        Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(_path, out _));
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.9)]
    public void A_schema_cut_short_is_refused(double part)
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), Schema, _path);
        using (var archive = ZipFile.Open(_path, ZipArchiveMode.Update))
        using (var stream = archive.GetEntry("Schema")!.Open())
            stream.SetLength((long)(part * stream.Length));
        Assert.Throws<Exception>(() => _ml.Model.Load(_path, out _));
    }

    [TestMethod]
    public void An_archive_without_a_model_is_refused()
    {
        using (var archive = ZipFile.Open(_path, ZipArchiveMode.Create))
            archive.CreateEntry("something.txt");
        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.Load(_path, out _));
    }

    [TestMethod]
    public void A_damaged_header_is_refused()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        Edit(bytes => bytes[0] ^= 0xFF);
        Assert.AreEqual(
            "Wrong file type", Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(_path, out _)).Message);
    }

    [TestMethod]
    public void A_damaged_tail_is_refused()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        Edit(bytes => bytes[^1] ^= 0xFF);
        Assert.AreEqual(
            "Corrupt model file tail",
            Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(_path, out _)).Message);
    }

    [TestMethod]
    [DataRow(0x4C, 0x09, "because the model is too new")]
    [DataRow(0x48, 0x01, "because the model is too old")]
    public void A_model_of_another_version_is_refused(int offset, int version, string expected)
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        Edit(bytes =>
        {
            // Both the version written and the oldest one that can read it, so that only the range is wrong.
            bytes[0x48] = bytes[0x4C] = (byte)version;
            Assert.AreEqual(version, bytes[offset]);
        });
        var refused = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.Load(_path, out _));
        StringAssert.Contains(Innermost(refused).Message, expected);
        Assert.IsInstanceOfType<FormatException>(Innermost(refused));
    }

    [TestMethod]
    public void A_model_of_an_assembly_that_is_not_there_names_the_assembly()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        Edit(bytes =>
        {
            int name = bytes.AsSpan().IndexOf("ML.Conformance.Custom"u8.ToArray().SelectMany(b => new byte[] { b, 0 }).ToArray());
            bytes[name] = (byte)'X';
        });
        var missing = Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Model.Load(_path, out _));
        StringAssert.Contains(missing.Message, "XL.Conformance.Custom");
    }

    [TestMethod]
    public void A_model_of_a_class_that_is_not_there_is_refused()
    {
        _ml.Model.Save(new ScaleTransformer("A", "Value", 3), null, _path);
        Edit(bytes => bytes[0x50] = (byte)'X');
        var refused = Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(_path, out _));
        Assert.AreEqual("Couldn't load model: 'TransformerChain'", refused.Message);
    }

    private static string LoaderPath => Path.Combine(AppContext.BaseDirectory, "ML.Conformance.Loader.dll");

    /// <summary>Changes the bytes of the model's only component.</summary>
    private void Edit(Action<byte[]> change)
    {
        using var archive = ZipFile.Open(_path, ZipArchiveMode.Update);
        var entry = archive.GetEntry("TransformerChain/Model.key")!;
        using var stream = entry.Open();
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        change(bytes);
        stream.Position = 0;
        stream.Write(bytes);
    }

    private static Exception Innermost(Exception ex) => ex.InnerException is { } inner ? Innermost(inner) : ex;

    private static string Names(DataViewSchema schema) => string.Join(" ", schema.Select(column => column.Name));

    private sealed class Row
    {
        public float Value { get; set; }

        public string? Name { get; set; }
    }

    private sealed class ImageRow
    {
        [Microsoft.ML.Transforms.Image.ImageType(2, 2)]
        public MLImage? Image { get; set; }

        public string? Name { get; set; }
    }

    private sealed class SmallDisk(long room) : MemoryStream
    {
        public const string Message = "No space left on device";

        // The overload for spans calls this one.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Position + count > room)
                throw new IOException(Message);
            base.Write(buffer, offset, count);
        }
    }
}
