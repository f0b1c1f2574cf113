using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class AccessTests
{
    [TestMethod]
    public void Bytes_are_the_memory_of_the_tensor()
    {
        using Tensor tensor = zeros(2);
        BitConverter.TryWriteBytes(tensor.bytes, 1.5f);
        CollectionAssert.AreEqual(new float[] { 1.5f, 0 }, tensor.data<float>().ToArray());
        tensor.bytes = new byte[8];
        CollectionAssert.AreEqual(new float[] { 0, 0 }, tensor.data<float>().ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => tensor.bytes = new byte[7]);
    }

    [TestMethod]
    public void Bytes_of_a_tensor_with_gaps_are_refused()
    {
        using Tensor tensor = zeros(2, 3), transposed = tensor.t();
        Assert.ThrowsExactly<InvalidOperationException>(() => transposed.bytes.Length);
    }

    [TestMethod]
    public void Data_follows_the_shape_whatever_the_strides()
    {
        using Tensor rows = tensor(new float[] { 1, 2, 3, 4, 5, 6 }, new long[] { 2, 3 }), columns = rows.t();
        TorchSharp.Utils.TensorAccessor<float> data = columns.data<float>();
        Assert.AreEqual(6, data.Count);
        CollectionAssert.AreEqual(new float[] { 1, 4, 2, 5, 3, 6 }, data.ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 4, 2, 5, 3, 6 }, data.ToList());
        Assert.AreEqual(5f, data[1, 1]);
        Assert.AreEqual(4f, data[1]);
        data[0, 1] = 40;
        Assert.AreEqual(40f, rows[1, 0].item<float>());
        var part = new float[3];
        data.CopyTo(part, 1, 4);
        CollectionAssert.AreEqual(new float[] { 0, 3, 6 }, part);
        data.CopyFrom([7, 8, 9], 1, 4);
        CollectionAssert.AreEqual(new float[] { 1, 40, 2, 5, 8, 9 }, data.ToArray());
        data.Dispose();
    }

    [TestMethod]
    public void Reading_another_type_than_the_tensors_is_refused()
    {
        using Tensor floats = ones(1), halves = ones([1], bfloat16);
        Assert.ThrowsExactly<ArgumentException>(() => floats.data<int>());
        Assert.ThrowsExactly<ArgumentException>(() => floats.item<double>());
        Assert.ThrowsExactly<ArgumentException>(() => halves.to(float16).data<float>());
        using Tensor two = ones(2);
        Assert.ThrowsExactly<ArgumentException>(() => two.item<float>());
    }

    [TestMethod]
    public void An_index_out_of_range_is_refused()
    {
        using Tensor tensor = ones(2, 3);
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => tensor[2]);
        Assert.ThrowsExactly<IndexOutOfRangeException>(() => tensor.data<float>()[2, 0]);
    }

    [TestMethod]
    public void Bytes_go_through_a_stream()
    {
        using Tensor source = arange(5), target = zeros([5], int64);
        using var stream = new MemoryStream();
        source.WriteBytesToStream(stream);
        Assert.AreEqual(40, stream.Length);
        stream.Position = 0;
        target.ReadBytesFromStream(stream);
        Assert.IsTrue(source.Equals(target));
        Assert.ThrowsExactly<EndOfStreamException>(() => target.ReadBytesFromStream(stream));
    }

    [TestMethod]
    public void A_tensor_is_saved_as_type_shape_and_values()
    {
        using Tensor source = tensor(new float[] { 1, -2 }, new long[] { 1, 2 });
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        source.Save(writer);
        CollectionAssert.AreEqual(
            new byte[] { 6, 2, 1, 2, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0 }, stream.ToArray());

        stream.Position = 0;
        using var reader = new BinaryReader(stream);
        using Tensor loaded = TensorExtensionMethods.Load(reader);
        Assert.IsTrue(source.Equals(loaded));

        stream.Position = 0;
        using Tensor into = zeros(1, 2);
        into.Load(reader);
        Assert.IsTrue(source.Equals(into));
    }

    [TestMethod]
    public void Loading_into_another_type_or_shape_is_refused()
    {
        using Tensor source = zeros(200);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        source.Save(writer);
        using var reader = new BinaryReader(stream);
        using Tensor longs = zeros([200], int64), shorter = zeros(100);
        stream.Position = 0;
        Assert.ThrowsExactly<ArgumentException>(() => longs.Load(reader));
        stream.Position = 0;
        Assert.ThrowsExactly<ArgumentException>(() => shorter.Load(reader));
        stream.SetLength(400);
        stream.Position = 0;
        Assert.ThrowsExactly<EndOfStreamException>(() => source.Load(reader));
    }

    [TestMethod]
    public void Moves_keep_the_values_and_make_a_new_handle()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1.5f, -2 });
        Assert.AreNotSame(x, x.cpu());
        Assert.IsTrue(x.to(CPU).Equals(x));
        Assert.IsTrue(x.to("cpu").Equals(x));
        Assert.IsTrue(x.to(DeviceType.CPU).Equals(x));
        Assert.IsTrue(x.to(float64, CPU).to(x).Equals(x));
        Tensor shared = x.to(float32);
        x.add_(1);
        Assert.IsTrue(shared.Equals(x));
        Tensor copy = x.to(float32, true);
        x.add_(1);
        Assert.IsFalse(copy.Equals(x));
        Tensor consumed = copy.to(float16, disposeAfter: true);
        Assert.IsTrue(copy.IsInvalid);
        Assert.AreEqual(ScalarType.Float16, consumed.dtype);
        Tensor into = zeros(2);
        Assert.AreSame(into, into.copy_(x));
        Assert.IsTrue(into.Equals(x));
        into.set_(shared);
        Assert.IsTrue(into.Equals(shared));
    }

    [TestMethod]
    public void An_error_begins_with_the_message_of_LibTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        var exception = Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.AreEqual("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", exception.Message.Split('\n')[0]);
    }

    [TestMethod]
    public void Mixed_types_that_cannot_be_combined_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => arange(3).add_(0.5));
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => arange(4).view(2, 2).mm(ones(2, 2)));
    }
}
