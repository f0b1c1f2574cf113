using System.Text;
using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class PythonVersionTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("batch_protocol0.pickle")]
    [DataRow("batch_protocol1.pickle")]
    [DataRow("batch_protocol2.pickle")]
    [DataRow("batch_protocol3.pickle")]
    [DataRow("batch_protocol4.pickle")]
    [DataRow("batch_protocol5.pickle")]
    public void Every_pickle_protocol_gives_labels_and_pixels(string golden)
    {
        using var directory = new TempFolder();
        IDataView data = LoadTest(directory, File.ReadAllBytes(Golden(golden)));

        Assert.AreEqual(2L, data.GetRowCount());
        CollectionAssert.AreEqual(new List<uint> { 4, 10 }, Rows.Keys(data));
        List<byte[]> pixels = Rows.Pixels(data);
        CollectionAssert.AreEqual(SmallCifar.Pixels(0), pixels[0]);
        CollectionAssert.AreEqual(SmallCifar.Pixels(1), pixels[1]);
        CollectionAssert.AreEqual(SmallCifar.ClassNames, data.GetClassNames().ToArray());
    }

    /// <summary>The published files were pickled by Python 2, whose strings are bytes.</summary>
    [TestMethod]
    public void Strings_and_array_bytes_of_Python_2_are_read()
    {
        byte[] pickle =
        [
            0x80, 2, .. "}q\u0001("u8, .. ShortString("data"), .. "cnumpy.core.multiarray\n_reconstruct\n"u8,
            .. "cnumpy\nndarray\n"u8, .. "K\0"u8, 0x85, .. "U\u0001b"u8, 0x87, (byte)'R',
            .. "(K\u0001K\u0001M"u8, 0x00, 0x0c, 0x86,
            .. "cnumpy\ndtype\n"u8, .. "U\u0002u1K\0K\u0001"u8, 0x87, .. "R(K\u0003U\u0001|NNNJ"u8, 0xff, 0xff, 0xff, 0xff,
            (byte)'J', 0xff, 0xff, 0xff, 0xff, .. "K\0tb"u8, 0x89, (byte)'T', 0x00, 0x0c, 0, 0, .. SmallCifar.Pixels(5),
            .. "tb"u8, .. ShortString("labels"), .. "]q\u0002(K\u0007eu."u8,
        ];
        using var directory = new TempFolder();
        IDataView data = LoadTest(directory, pickle);

        CollectionAssert.AreEqual(new List<uint> { 8 }, Rows.Keys(data));
        CollectionAssert.AreEqual(SmallCifar.Pixels(5), Rows.Pixels(data)[0]);
    }

    [TestMethod]
    [DataRow("calls_system.pickle", "posix.system")]
    [DataRow("calls_eval.pickle", "builtins.eval")]
    public void Pickle_that_calls_a_function_is_refused_and_nothing_is_executed(string golden, string function)
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<InvalidDataException>(() => LoadTest(directory, File.ReadAllBytes(Golden(golden))));

        StringAssert.StartsWith(e.Message, $"'{directory.At("test_batch")}' is refused: the pickle asks for '");
        StringAssert.Contains(e.Message, function.Split('.')[1]);
        StringAssert.EndsWith(
            e.Message,
            "Only numbers, strings, lists, dictionaries and numpy arrays are read; nothing of the file was executed. " +
            "Do not trust this file.");
        Assert.IsFalse(File.Exists("executed-by-a-pickle"));
    }

    [TestMethod]
    public void Truncated_pickle_is_refused()
    {
        using var directory = new TempFolder();
        byte[] whole = File.ReadAllBytes(Golden("batch_protocol3.pickle"));
        var e = Assert.ThrowsExactly<InvalidDataException>(() => LoadTest(directory, whole[..2000]));
        StringAssert.StartsWith(e.Message, $"'{directory.At("test_batch")}' announces 6,144 bytes at byte ");
        StringAssert.EndsWith(e.Message, ": the file is damaged or no CIFAR pickle.");
    }

    [TestMethod]
    public void Every_cut_and_every_changed_byte_gives_an_error_or_data_and_never_anything_else()
    {
        using var directory = new TempFolder();
        byte[] whole = File.ReadAllBytes(Golden("batch_protocol2.pickle"));
        // The first and the last bytes are the program; between them lie the pixels.
        foreach (int place in Enumerable.Range(0, 250).Concat(Enumerable.Range(whole.Length - 80, 80)))
        {
            Attempt(directory, whole[..place]);
            byte[] changed = [.. whole];
            changed[place] ^= 0x15;
            Attempt(directory, changed);
        }

        void Attempt(TempFolder directory, byte[] pickle)
        {
            try
            {
                IDataView data = LoadTest(directory, pickle);
                Assert.AreEqual(data.GetRowCount(), Rows.Pixels(data).Count);
            }
            catch (InvalidDataException e)
            {
                StringAssert.Contains(e.Message, "test_batch");
            }
        }
    }

    [TestMethod]
    public void Array_in_column_order_is_refused()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => LoadTest(directory, File.ReadAllBytes(Golden("column_major.pickle"))));
        Assert.AreEqual(
            $"'{directory.At("test_batch")}': the array has elements of type 'u1' in column order; expected 'u1' (bytes) in row order.",
            e.Message);
    }

    [TestMethod]
    public void Array_of_floats_is_refused()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => LoadTest(directory, File.ReadAllBytes(Golden("floats.pickle"))));
        Assert.AreEqual(
            $"'{directory.At("test_batch")}': the array has elements of type 'f4' in row order; expected 'u1' (bytes) in row order.",
            e.Message);
    }

    [TestMethod]
    public void Pickle_without_pixels_is_refused()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => LoadTest(directory, Encoding.Latin1.GetBytes("\x80\x02}X\x06\0\0\0labels]s.")));
        Assert.AreEqual($"'{directory.At("test_batch")}' has no entry 'data', only 'labels'.", e.Message);
    }

    [TestMethod]
    public void Text_file_in_place_of_a_pickle_is_refused()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<InvalidDataException>(() => LoadTest(directory, "<html>not found</html>"u8.ToArray()));
        Assert.AreEqual(
            $"'{directory.At("test_batch")}' has the operation 0x3c at byte 0, which plain data does not need: " +
            "the file is damaged or no CIFAR pickle.", e.Message);
    }

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    private static byte[] ShortString(string text) => [(byte)'U', (byte)text.Length, .. Encoding.Latin1.GetBytes(text)];

    private IDataView LoadTest(TempFolder directory, byte[] batch)
    {
        var meta = new List<byte> { 0x80, 2 };
        meta.AddRange([.. "}"u8, .. ShortString("label_names"), .. "]("u8]);
        foreach (string name in SmallCifar.ClassNames)
            meta.AddRange(ShortString(name));
        meta.AddRange("es."u8.ToArray());
        directory.Write("batches.meta", [.. meta]);
        directory.Write("test_batch", batch);
        return Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Test);
    }
}
