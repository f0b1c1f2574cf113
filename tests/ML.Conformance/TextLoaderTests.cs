using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace ML.Conformance;

[TestClass]
public sealed class TextLoaderTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<(ChannelMessageKind Kind, string Message)> _log = [];
    private readonly TempFolder _files = new();

    public TextLoaderTests() => _ml.Log += (_, message) =>
    {
        lock (_log)
            _log.Add((message.Kind, message.RawMessage));
    };

    [TestCleanup]
    public void DeleteFiles() => _files.Dispose();

    public sealed class Row
    {
        [LoadColumn(1)]
        public float Value;

        [LoadColumn(0), ColumnName("Path")]
        public string ImagePath = "";

        [LoadColumn(2)]
        public bool Flag;

        [LoadColumn(3, 4), VectorType(2)]
        public int[] Pair = [];
    }

    [TestMethod]
    public void A_class_tells_the_columns_by_its_attributes()
    {
        string path = Write("data.tsv", "a.png\t1.5\ttrue\t3\t-4", "b.png\t-2e3\tN\t5\t6");
        var data = _ml.Data.LoadFromTextFile<Row>(path);

        CollectionAssert.AreEqual(
            new[] { "Value: Single", "Path: String", "Flag: Boolean", "Pair: Vector<Int32, 2>" },
            data.Schema.Select(column => column.ToString()).ToArray());
        var rows = _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false).ToArray();
        Assert.HasCount(2, rows);
        Assert.AreEqual("a.png", rows[0].ImagePath);
        Assert.AreEqual(1.5f, rows[0].Value);
        Assert.IsTrue(rows[0].Flag);
        CollectionAssert.AreEqual(new[] { 3, -4 }, rows[0].Pair);
        Assert.AreEqual(-2000f, rows[1].Value);
        Assert.IsFalse(rows[1].Flag);
    }

    public sealed class KeyRow
    {
        [LoadColumn(0), KeyType(3)]
        public uint Class;

        [LoadColumn(new[] { 2, 1 }), VectorType(2)]
        public string[] Swapped = [];
    }

    [TestMethod]
    public void Fields_may_be_listed_in_any_order_and_keys_count_from_zero_in_text()
    {
        string path = Write("data.csv", "0,x,y", "2,z,w", "3,u,v", ",,");
        var data = _ml.Data.LoadFromTextFile<KeyRow>(path, separatorChar: ',');

        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), data.Schema["Class"].Type);
        CollectionAssert.AreEqual(new uint[] { 1, 3, 0, 0 }, data.GetColumn<uint>("Class").ToArray());
        CollectionAssert.AreEqual(new[] { "y", "x" }, data.GetColumn<string[]>("Swapped").First());
        CollectionAssert.Contains(_log, (ChannelMessageKind.Info, "  Bad value at line 3 in column Class"));
    }

    [TestMethod]
    public void Columns_can_be_given_one_by_one()
    {
        string path = Write("data.tsv", "7\t1\t2\t3\tcat");
        var data = _ml.Data.LoadFromTextFile(path,
        [
            new TextLoader.Column("Label", DataKind.UInt32, [new TextLoader.Range(0)], new KeyCount(10)),
            new TextLoader.Column("Features", DataKind.Single, 1, 3),
            new TextLoader.Column("One", DataKind.Double, 2, 2),
            new TextLoader.Column { Name = "Name", DataKind = DataKind.String, Source = [new TextLoader.Range(4)] },
            new TextLoader.Column("Count", DataKind.Int64, 1),
            new TextLoader.Column("Small", DataKind.Byte, 2) { KeyCount = new KeyCount(3) },
        ]);

        CollectionAssert.AreEqual(
            new[] { "Label: Key<UInt32, 0-9>", "Features: Vector<Single, 3>", "One: Vector<Double, 1>", "Name: String", "Count: Int64", "Small: Key<Byte, 0-2>" },
            data.Schema.Select(column => column.ToString()).ToArray());
        Assert.AreEqual(8u, data.GetColumn<uint>("Label").Single());
        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f }, data.GetColumn<float[]>("Features").Single());
        CollectionAssert.AreEqual(new[] { 2.0 }, data.GetColumn<double[]>("One").Single());
        Assert.AreEqual("cat", data.GetColumn<string>("Name").Single());
        Assert.AreEqual(1L, data.GetColumn<long>("Count").Single());
        Assert.AreEqual((byte)3, data.GetColumn<byte>("Small").Single());
        Assert.IsNull(data.GetRowCount());
        Assert.IsFalse(data.CanShuffle);
    }

    [TestMethod]
    [DataRow(DataKind.SByte, "-128", (sbyte)-128)]
    [DataRow(DataKind.Byte, "255", (byte)255)]
    [DataRow(DataKind.Int16, "-5", (short)-5)]
    [DataRow(DataKind.UInt16, "65535", (ushort)65535)]
    [DataRow(DataKind.Int32, "-7", -7)]
    [DataRow(DataKind.UInt32, "7", 7u)]
    [DataRow(DataKind.Int64, "-9000000000", -9000000000L)]
    [DataRow(DataKind.UInt64, "18446744073709551615", ulong.MaxValue)]
    [DataRow(DataKind.Double, "1.25", 1.25)]
    [DataRow(DataKind.Boolean, "YES", true)]
    public void Every_kind_of_value_has_a_text_form(DataKind kind, string text, object expected)
    {
        string path = Write("data.tsv", text);
        var data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("X", kind, 0)]);

        Assert.AreEqual(expected, data.Preview().RowView[0].Values[0].Value);
    }

    [TestMethod]
    public void A_header_is_skipped_and_names_the_slots_where_the_file_may_be_looked_into()
    {
        string path = Write("data.csv", "label,red, green ,blue", "1,2,3,4");
        TextLoader.Column[] columns = [new("Label", DataKind.Single, 0), new("Features", DataKind.Single, 1, 3)];

        var named = _ml.Data.LoadFromTextFile(
            path, new TextLoader.Options { Columns = columns, HasHeader = true, Separators = [','] });
        VBuffer<ReadOnlyMemory<char>> names = default;
        named.Schema["Features"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "red", "green", "blue" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        Assert.HasCount(1, named.GetColumn<float>("Label").ToArray());

        var nameless = _ml.Data.LoadFromTextFile(path, columns, separatorChar: ',', hasHeader: true);
        Assert.AreEqual(0, nameless.Schema["Features"].Annotations.Schema.Count);
        CollectionAssert.AreEqual(new[] { 1f }, nameless.GetColumn<float>("Label").ToArray());
    }

    private string[] ReadNames(string[] lines, bool allowQuoting)
    {
        string path = Write("quoted.csv", lines);
        TextLoader.Column[] columns = [new("Name", DataKind.String, 0), new("Next", DataKind.String, 1)];
        var data = _ml.Data.LoadFromTextFile(path, columns, separatorChar: ',', allowQuoting: allowQuoting);
        return data.GetColumn<string>("Name").Zip(data.GetColumn<string>("Next"), (name, next) => $"{name}|{next}").ToArray();
    }

    [TestMethod]
    public void Quotes_hold_separators_and_doubled_quotes_only_where_quoting_is_allowed()
    {
        string[] lines = ["\"a,b\",1", "\"say \"\"hi\"\"\" ,2", "  plain,3"];

        CollectionAssert.AreEqual(new[] { "a,b|1", "say \"hi\"|2", "plain|3" }, ReadNames(lines, allowQuoting: true));
        CollectionAssert.AreEqual(new[] { "\"a|b\"", "\"say \"\"hi\"\"\" |2", "plain|3" }, ReadNames(lines, allowQuoting: false));
    }

    [TestMethod]
    public void Broken_quoting_empties_the_field_and_is_warned_of()
    {
        CollectionAssert.AreEqual(
            new[] { "ok|1", "|2", "|" }, ReadNames(["ok,1", "\"x\"y,2", "\"never closed,3"], allowQuoting: true));
        Assert.IsTrue(_log.Any(entry => entry.Kind == ChannelMessageKind.Warning && entry.Message.Contains("Illegal quoting")));
        Assert.IsTrue(_log.Any(entry => entry.Message.EndsWith("format errors", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void An_unreadable_real_is_missing_and_counted()
    {
        string path = Write("data.tsv", "1", "abc", "?", "NaN", "n/a", "");
        var data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("X", DataKind.Single, 0)]);

        CollectionAssert.AreEqual(new[] { 1f, float.NaN, float.NaN, float.NaN, float.NaN }, data.GetColumn<float>("X").ToArray());
        CollectionAssert.Contains(_log, (ChannelMessageKind.Info, "  Bad value at line 2 in column X"));
        CollectionAssert.Contains(_log, (ChannelMessageKind.Info, "Processed 5 rows with 1 bad values and 0 format errors"));
    }

    [TestMethod]
    public void Only_the_first_ten_bad_values_are_listed()
    {
        string path = Write("data.tsv", Enumerable.Repeat("1\tbad", 12).ToArray());
        var data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("X", DataKind.Single, 0, 1)]);

        Assert.IsTrue(data.GetColumn<float[]>("X").All(row => row[0] == 1 && float.IsNaN(row[1])));
        Assert.AreEqual(10, _log.Count(entry => entry.Message.StartsWith("  Bad value", StringComparison.Ordinal)));
        CollectionAssert.Contains(_log, (ChannelMessageKind.Info, "  Bad value at line 1 in column X at slot 1"));
        CollectionAssert.Contains(_log, (ChannelMessageKind.Info, "Processed 12 rows with 12 bad values and 0 format errors"));
    }

    [TestMethod]
    public void An_unreadable_integer_is_an_error_that_names_line_and_column()
    {
        string path = Write("data.tsv", "1", "2.5", "3");
        var data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("Count", DataKind.Int32, 0)]);

        var error = Assert.ThrowsExactly<FormatException>(() => data.GetColumn<int>("Count").ToArray());
        StringAssert.Contains(error.Message, "Could not parse value 2.5 in line 2, column Count");
    }

    [TestMethod]
    public void Empty_and_absent_fields_are_default_or_on_request_missing()
    {
        string path = Write("data.tsv", "\t\tx", "1");
        TextLoader.Column[] columns =
            [new("A", DataKind.Single, 0), new("B", DataKind.Single, 1), new("C", DataKind.String, 2)];

        var zeros = _ml.Data.LoadFromTextFile(path, columns);
        CollectionAssert.AreEqual(new[] { 0f, 1f }, zeros.GetColumn<float>("A").ToArray());
        CollectionAssert.AreEqual(new[] { "x", "" }, zeros.GetColumn<string>("C").ToArray());

        var missing = _ml.Data.LoadFromTextFile(path, new TextLoader.Options { Columns = columns, MissingRealsAsNaNs = true });
        CollectionAssert.AreEqual(new[] { float.NaN, 1f }, missing.GetColumn<float>("A").ToArray());
        CollectionAssert.AreEqual(new[] { float.NaN, float.NaN }, missing.GetColumn<float>("B").ToArray());
    }

    [TestMethod]
    public void Empty_lines_and_comments_are_no_rows()
    {
        string path = Write("data.tsv", "# about the file", "", "// remark", "a", "", "#b", "// remark", "c");
        var data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("X", DataKind.String, 0)]);

        CollectionAssert.AreEqual(new[] { "a", "#b", "c" }, data.GetColumn<string>("X").ToArray());
    }

    [TestMethod]
    public void Options_trim_lines_and_limit_rows()
    {
        string path = Write("data.csv", "a,b  ", "c,d", "e,f");
        var options = new TextLoader.Options
        {
            Columns = [new TextLoader.Column("X", DataKind.String, 1)],
            Separators = [',', ';'],
            AllowQuoting = true,
            TrimWhitespace = true,
            MaxRows = 2,
        };

        CollectionAssert.AreEqual(
            new[] { "b", "d" }, _ml.Data.LoadFromTextFile(path, options).GetColumn<string>("X").ToArray());
        CollectionAssert.AreEqual(
            new[] { true, false },
            _ml.Data.LoadFromTextFile<FlagRow>(Write("flags.csv", "y", "no"), new TextLoader.Options { Separators = [','] })
                .GetColumn<bool>("Flag").ToArray());
    }

    public sealed class FlagRow
    {
        [LoadColumn(0)]
        public bool Flag { get; set; }
    }

    [TestMethod]
    public void A_range_without_end_takes_the_file_s_width()
    {
        string path = Write("data.tsv", "1\t2\t3\t4", "5\t6\t7\t8");
        var data = _ml.Data.LoadFromTextFile(path, new TextLoader.Options());

        CollectionAssert.AreEqual(
            new[] { "Label: Single", "Features: Vector<Single, 3>" }, data.Schema.Select(column => column.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { 6f, 7f, 8f }, data.GetColumn<float[]>("Features").Last());

        string ragged = Write("ragged.tsv", "1\t2", "1\t2\t3");
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Data.LoadFromTextFile(ragged, new TextLoader.Options()));
        StringAssert.Contains(error.Message, "The size of input lines is not consistent");
    }

    [TestMethod]
    public void A_cursor_set_shares_the_rows_out_and_row_ids_are_line_numbers()
    {
        string path = Write("data.tsv", Enumerable.Range(0, 500).Select(i => $"{i}").ToArray());
        var data = _ml.Data.LoadFromTextFile(path, [new TextLoader.Column("X", DataKind.Int32, 0)]);

        var seen = new List<int>();
        foreach (var cursor in data.GetRowCursorSet(data.Schema, 3))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<int>(data.Schema["X"]);
                var getId = cursor.GetIdGetter();
                long batch = -1;
                while (cursor.MoveNext())
                {
                    int value = 0;
                    getter(ref value);
                    DataViewRowId id = default;
                    getId(ref id);
                    Assert.AreEqual((ulong)value, id.Low);
                    Assert.IsGreaterThanOrEqualTo(batch, cursor.Batch);
                    batch = cursor.Batch;
                    seen.Add(value);
                }
            }
        }
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 500).ToArray(), seen);
    }

    [TestMethod]
    public void Bad_requests_are_refused_with_the_reason()
    {
        string path = Write("data.tsv", "1\t2");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile<FlagRow>(path + ".missing")).Message,
            "File or directory does not exist at path: " + path + ".missing");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.LoadFromTextFile<NoAttribute>(path)).Message,
            "Field 'Value' is missing the LoadColumnAttribute attribute");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile<FlagRow>(path, separatorChar: '1')).Message,
            "Illegal separator: '1'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromTextFile(path,
                [new TextLoader.Column("X", DataKind.Single, [new TextLoader.Range(0, 1), new TextLoader.Range(1)])])).Message,
            "Intervals specified for column 'X' overlap");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TextLoader.Range(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TextLoader.Range(2, 1));
    }

    public sealed class NoAttribute
    {
        public float Value = 0;
    }

    private string Write(string name, params string[] lines) => _files.Write(name, string.Concat(lines.Select(line => line + "\n")));
}
