using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class TensorCreationTests
{
    [TestMethod]
    public void As_tensor_shares_the_memory_of_an_array()
    {
        float[] values = [1, 2, 3];
        using Tensor shared = as_tensor(values);
        values[1] = 20;
        CollectionAssert.AreEqual(new float[] { 1, 20, 3 }, shared.data<float>().ToArray());
        shared.add_(1);
        CollectionAssert.AreEqual(new float[] { 2, 21, 4 }, values);
    }

    [TestMethod]
    public void Shared_memory_outlives_the_reference_to_its_array()
    {
        using Tensor view = View();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        CollectionAssert.AreEqual(Enumerable.Range(500_000, 3).Select(i => (long)i).ToArray(), view.data<long>().ToArray());

        static Tensor View()
        {
            using Tensor whole = as_tensor(Enumerable.Range(0, 1_000_000).Select(i => (long)i).ToArray());
            return whole.narrow(0, 500_000, 3);
        }
    }

    [TestMethod]
    public void An_array_of_any_rank_keeps_its_shape()
    {
        using Tensor bytes = from_array(new byte[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        CollectionAssert.AreEqual(new long[] { 2, 3 }, bytes.shape);
        Assert.AreEqual(ScalarType.Byte, bytes.dtype);
        using Tensor floats = from_array(new byte[,] { { 1, 2 } }, ScalarType.Float32);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, floats.data<float>().ToArray());
        using Tensor doubles = as_tensor(new double[2, 1, 2]);
        CollectionAssert.AreEqual(new long[] { 2, 1, 2 }, doubles.shape);
    }

    [TestMethod]
    public void Frombuffer_shares_a_part_of_an_array()
    {
        byte[] values = [1, 2, 3, 4, 5];
        using Tensor part = frombuffer(values, ScalarType.Byte, 2, 1);
        part.fill_(9);
        CollectionAssert.AreEqual(new byte[] { 1, 9, 9, 4, 5 }, values);
        Assert.ThrowsExactly<ArgumentException>(() => frombuffer(values, ScalarType.Byte, 1, 5));
        Assert.ThrowsExactly<IndexOutOfRangeException>(() => frombuffer(values, ScalarType.Byte, 5, 1));
    }

    [TestMethod]
    public void Tensor_copies_its_array()
    {
        float[] values = [1, 2, 3, 4];
        using Tensor copy = tensor(values, new long[] { 2, 2 });
        values[0] = 100;
        Assert.AreEqual(1f, copy[0, 0].item<float>());
        CollectionAssert.AreEqual(new long[] { 2, 2 }, copy.shape);
    }

    [TestMethod]
    public void Arrays_and_numbers_keep_their_type_unless_told_otherwise()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.AreEqual(ScalarType.Float32, tensor(new float[] { 1 }).dtype);
        Assert.AreEqual(ScalarType.Byte, tensor(new byte[] { 1 }).dtype);
        Assert.AreEqual(ScalarType.Byte, tensor(new byte[] { 1 }, new long[] { 1, 1 }).dtype);
        Assert.AreEqual(ScalarType.Int64, tensor(new long[] { 1 }).dtype);
        Assert.AreEqual(ScalarType.Int64, tensor(new long[] { 1 }, new long[] { 1, 1 }).dtype);
        Assert.AreEqual(ScalarType.Bool, tensor(new[] { true }).dtype);
        Assert.AreEqual(ScalarType.BFloat16, tensor(new float[] { 1 }, bfloat16).dtype);
        Assert.AreEqual(ScalarType.Float16, as_tensor(new float[] { 1 }, float16).dtype);
        Assert.AreEqual(ScalarType.Float32, as_tensor(new byte[] { 1 }, float32).dtype);
        Assert.AreEqual(ScalarType.Float32, tensor(1.5f).dtype);
        Assert.AreEqual(ScalarType.Float64, tensor(1.5).dtype);
        Assert.AreEqual(ScalarType.Int32, tensor(1).dtype);
        Assert.AreEqual(int32, tensor(1).dtype);
        Assert.AreEqual(int64, tensor(1L).dtype);
        Assert.IsTrue(tensor(new float[] { 1 }, requires_grad: true).requires_grad);
    }

    [TestMethod]
    public void Factories_fill_what_they_promise()
    {
        using DisposeScope scope = NewDisposeScope();
        CollectionAssert.AreEqual(new double[] { 0, 0 }, Golden.Values(zeros(2)));
        CollectionAssert.AreEqual(new double[] { 0, 0 }, Golden.Values(zeros(1, 2)));
        CollectionAssert.AreEqual(new double[] { 0, 0 }, Golden.Values(zeros(1, 2, 1, 1)));
        CollectionAssert.AreEqual(new double[] { 0 }, Golden.Values(zeros([1], int64)));
        CollectionAssert.AreEqual(new double[] { 1, 1 }, Golden.Values(ones(2)));
        CollectionAssert.AreEqual(new double[] { 1, 1 }, Golden.Values(ones(1, 2)));
        CollectionAssert.AreEqual(new double[] { 1 }, Golden.Values(ones([1], bfloat16)));
        CollectionAssert.AreEqual(new double[] { 2.5 }, Golden.Values(full([1], 2.5)));
        Assert.AreEqual(ScalarType.Int64, full([1], 2).dtype);
        Assert.AreEqual(1L << 40, full([1], 1L << 40).item<long>());
        Assert.AreEqual(0.5f, full([1], 0.5f).item<float>());
        Assert.IsTrue(full([1], true, ScalarType.Bool).item<bool>());
        CollectionAssert.AreEqual(new double[] { 1, 0, 0, 1 }, Golden.Values(eye(2)));
        CollectionAssert.AreEqual(new double[] { 0, 1, 2 }, Golden.Values(arange(3)));
        Assert.AreEqual(ScalarType.Int64, arange(3).dtype);
        CollectionAssert.AreEqual(new double[] { 1, 2 }, Golden.Values(arange(1, 3)));
        CollectionAssert.AreEqual(new double[] { 0, 0.5 }, Golden.Values(arange(0, 1, 0.5)));
        CollectionAssert.AreEqual(new double[] { 0, 0.5, 1 }, Golden.Values(linspace(0, 1, 3)));
        CollectionAssert.AreEqual(new long[] { 2, 3 }, empty([2, 3]).shape);
        CollectionAssert.AreEqual(new long[] { 1, 2 }, empty_strided([2, 3], [1, 2]).stride());
    }

    [TestMethod]
    public void Likenesses_keep_shape_type_and_strides()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor source = empty_strided([2, 3], [1, 2], float16);
        foreach (Tensor like in new[] { zeros_like(source), ones_like(source), full_like(source, 3), empty_like(source) })
        {
            Assert.AreEqual(ScalarType.Float16, like.dtype);
            CollectionAssert.AreEqual(source.shape, like.shape);
            CollectionAssert.AreEqual(source.stride(), like.stride());
        }
        Assert.AreEqual(ScalarType.Float32, zeros_like(source, float32).dtype);
        Assert.AreEqual(1.0, Golden.Values(ones_like(source))[0]);
        Assert.AreEqual(3.0, Golden.Values(full_like(source, 3))[0]);
    }

    [TestMethod]
    public void A_device_can_be_named()
    {
        Assert.AreEqual(DeviceType.CPU, device("cpu").type);
        Assert.AreEqual("cpu", device("cpu", 0).ToString());
        Assert.AreEqual("cpu", device(DeviceType.CPU).ToString());
        Assert.AreEqual("cuda:2", device(2).ToString());
        Assert.AreEqual("cuda:3", new Device("cuda:3").ToString());
        Assert.AreEqual("cuda:3", new Device("cuda", 3).ToString());
        Assert.AreEqual("cuda:3", new Device(DeviceType.CUDA, 3).ToString());
        Assert.AreEqual(1, new Device("cuda:1").index);
        Assert.AreEqual("cuda", new Device(DeviceType.CUDA).ToString());
        Assert.AreEqual("meta", META.ToString());
        Assert.ThrowsExactly<ArgumentException>(() => device("toaster"));
    }

    [TestMethod]
    public void New_tensors_go_to_the_default_device()
    {
        Assert.AreEqual(DeviceType.CPU, get_default_device().type);
        try
        {
            set_default_device(META);
            using Tensor there = zeros(2);
            Assert.AreEqual(DeviceType.META, there.device_type);
            set_default_device("cpu");
            using Tensor here = zeros(2);
            Assert.AreEqual(DeviceType.CPU, here.device_type);
        }
        finally
        {
            set_default_device(CPU);
        }
    }
}
