using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class TensorCreationTests
{
    [TestMethod]
    public void As_tensor_shares_the_memory_of_an_array()
    {
        float[] values = { 1, 2, 3 };
        using Tensor shared = as_tensor(values);
        values[1] = 20;
        CollectionAssert.AreEqual(new float[] { 1, 20, 3 }, shared.data<float>().ToArray());
        shared.add_(1);
        CollectionAssert.AreEqual(new float[] { 2, 21, 4 }, values);
    }

    [TestMethod]
    public void Tensor_copies_its_array()
    {
        float[] values = { 1, 2, 3, 4 };
        using Tensor copy = tensor(values, new long[] { 2, 2 });
        values[0] = 100;
        Assert.AreEqual(1f, copy[0, 0].item<float>());
        CollectionAssert.AreEqual(new long[] { 2, 2 }, copy.shape);
    }

    [TestMethod]
    public void A_wrong_shape_is_refused_with_a_message()
    {
        using Tensor a = ones(2, 3), b = ones(2, 3);
        var exception = Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => a.mm(b));
        StringAssert.Contains(exception.Message, "2x3");
    }
}
