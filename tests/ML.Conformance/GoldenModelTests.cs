using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

/// <summary>
/// Model files go from one stack to the other: <c>Golden/ml-net-5.0.0.zip</c> is what ML.NET 5.0.0, built from its
/// sources, made of <see cref="Save"/>.
/// </summary>
[TestClass]
public sealed class GoldenModelTests
{
    private sealed class Row
    {
        public string Label { get; set; } = "";

        public float Value { get; set; }

        [VectorType(2)]
        public float[] Pair { get; set; } = [];
    }

    private static readonly Row[] s_rows =
    [
        new() { Label = "dog", Value = 1, Pair = [1, 2] },
        new() { Label = "cat", Value = 4, Pair = [3, -8] },
        new() { Label = "dog", Value = 2, Pair = [0, 4] },
    ];

    private readonly MLContext _ml = new();

    private IDataView Data => _ml.Data.LoadFromEnumerable(s_rows);

    [TestMethod]
    public void A_model_that_ML_NET_saved_is_read()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", "ml-net-5.0.0.zip"));

        AssertIsTheModel(file);
    }

    [TestMethod]
    public void A_model_saved_here_is_read_alike()
    {
        using var file = new MemoryStream();
        Save(file);
        file.Position = 0;

        AssertIsTheModel(file);
    }

    [TestMethod]
    public void The_schema_is_saved_as_a_binary_data_view()
    {
        using var file = new MemoryStream();
        Save(file);
        using var entry = new ZipArchive(file).GetEntry("Schema")!.Open();
        using var schema = new MemoryStream();
        entry.CopyTo(schema);
        byte[] content = schema.ToArray();

        // Signature, version 1.1.1.6, the version a reader must have; then where the table of columns and the closing
        // signature are, the number of rows and that of columns.
        CollectionAssert.AreEqual("CML\0DVB\0"u8.ToArray(), content[..8]);
        CollectionAssert.AreEqual(new byte[] { 6, 0, 1, 0, 1, 0, 1, 0, 6, 0, 1, 0, 1, 0, 1, 0 }, content[8..24]);
        Assert.AreEqual(content.Length - 8, BitConverter.ToInt64(content, 32));
        Assert.AreEqual(0, BitConverter.ToInt64(content, 40));
        Assert.AreEqual(4, BitConverter.ToInt32(content, 48));
        CollectionAssert.AreEqual("\0BVD\0LMC"u8.ToArray(), content[^8..]);
        // The table's first entry: a text column.
        int table = (int)BitConverter.ToInt64(content, 24);
        CollectionAssert.AreEqual("\u0005Label\u0008TextSpan\0"u8.ToArray(), content[table..(table + 16)]);
    }

    private void Save(Stream file)
    {
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Label")
            .Append(_ml.Transforms.Concatenate("All", "Value", "Pair"))
            .Append(_ml.Transforms.NormalizeMinMax("All"))
            .Append(_ml.Transforms.NormalizeMeanVariance("Value", fixZero: false))
            .Fit(Data);
        _ml.Model.Save(model, InputSchema(), file);
    }

    // A column of the names of 100 classes makes an annotation that is worth compressing.
    private DataViewSchema InputSchema()
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(Data.Schema);
        var names = new VBuffer<ReadOnlyMemory<char>>(100, ClassNames().ToArray());
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            "KeyValues", new VectorDataViewType(TextDataViewType.Instance, 100),
            (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        annotations.Add("IsNormalized", BooleanDataViewType.Instance, (ref bool value) => value = true);
        schema.AddColumn("Class", new KeyDataViewType(typeof(uint), 100), annotations.ToAnnotations());
        return schema.ToSchema();
    }

    private static IEnumerable<ReadOnlyMemory<char>> ClassNames() =>
        Enumerable.Range(0, 100).Select(i => $"class number {i}".AsMemory());

    private void AssertIsTheModel(Stream file)
    {
        var model = _ml.Model.Load(file, out var schema);

        Assert.AreEqual(
            "Label: String; Value: Single; Pair: Vector<Single, 2>; Class: Key<UInt32, 0-99> {KeyValues, IsNormalized}",
            string.Join("; ", schema));
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Class"].Annotations.GetValue("KeyValues", ref names);
        Assert.AreEqual(string.Join(",", ClassNames()), string.Join(",", names.DenseValues()));
        bool normalized = false;
        schema["Class"].Annotations.GetValue("IsNormalized", ref normalized);
        Assert.IsTrue(normalized);

        var scored = model.Transform(Data);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, scored.GetColumn<uint>("Key").ToArray());
        // Each slot is divided by its largest absolute value: 4, 3 and 8.
        CollectionAssert.AreEqual(new[] { 0.25f, 1f / 3, 0.25f }, scored.GetColumn<float[]>("All").First());
        // The mean is 7 / 3, the variance (16 + 25 + 1) / 27.
        Assert.AreEqual(5 / 3.0 / Math.Sqrt(42 / 27.0), scored.GetColumn<float>("Value").ElementAt(1), 1e-6);
    }
}
