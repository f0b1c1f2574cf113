using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class AutogradTests
{
    [TestMethod]
    public void Backward_accumulates_gradients_until_they_are_cleared()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1, 2, 3 }, requires_grad: true);
        Assert.IsNull(x.grad);
        (x * x).sum().backward();
        (x * x).sum().backward();
        CollectionAssert.AreEqual(new double[] { 4, 8, 12 }, Golden.Values(x.grad!));
        x.grad = null;
        Assert.IsNull(x.grad);
        x.grad = ones(3);
        CollectionAssert.AreEqual(new double[] { 1, 1, 1 }, Golden.Values(x.grad!));
    }

    [TestMethod]
    public void Backward_needs_the_graph_to_be_kept_to_run_twice()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2], requires_grad: true);
        Tensor y = (x * x).sum();
        y.backward(null, retain_graph: true);
        y.backward();
        CollectionAssert.AreEqual(new double[] { 4, 4 }, Golden.Values(x.grad!));
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => y.backward());
    }

    [TestMethod]
    public void Backward_of_several_values_takes_their_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2], requires_grad: true);
        autograd.backward([x * 2, x * 3], [tensor(new float[] { 1, 2 }), tensor(new float[] { 10, 20 })]);
        CollectionAssert.AreEqual(new double[] { 32, 64 }, Golden.Values(x.grad!));
    }

    [TestMethod]
    public void Grad_returns_gradients_without_storing_them()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 3 }, requires_grad: true), unused = ones([1], requires_grad: true);
        Tensor first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        Assert.AreEqual(27f, first.item<float>());
        Assert.AreEqual(18f, autograd.grad([first], [x])[0].item<float>());
        Assert.IsNull(x.grad);
        Assert.IsTrue(autograd.grad([x * 2], [x, unused], allow_unused: true)[1].IsInvalid);
    }

    [TestMethod]
    public void Detached_tensors_carry_no_history()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2], requires_grad: true);
        Tensor y = x * 2;
        Assert.IsTrue(x.is_leaf && y.requires_grad && !y.is_leaf);
        Assert.IsFalse(y.detach().requires_grad);
        y.retain_grad();
        y.sum().backward();
        CollectionAssert.AreEqual(new double[] { 1, 1 }, Golden.Values(y.grad!));
        Tensor z = x * 2;
        Assert.IsFalse(z.detach_().requires_grad);
        x.requires_grad = false;
        Assert.IsFalse(x.requires_grad);
        Assert.IsTrue(x.requires_grad_().requires_grad);
    }

    [TestMethod]
    public void Gradient_modes_nest()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2], requires_grad: true);
        Assert.IsTrue(is_grad_enabled());
        using (no_grad())
        {
            Assert.IsFalse(is_grad_enabled());
            Assert.IsFalse((x * 2).requires_grad);
            using (enable_grad()) Assert.IsTrue((x * 2).requires_grad);
            using (set_grad_enabled(true)) Assert.IsTrue(is_grad_enabled());
            Assert.IsFalse(is_grad_enabled());
        }
        Assert.IsTrue(is_grad_enabled());
        using (inference_mode())
        {
            Assert.IsTrue(is_inference_mode_enabled());
            Assert.IsFalse((x * 2).requires_grad);
        }
        Assert.IsFalse(is_inference_mode_enabled());
    }

    [TestMethod]
    public void A_gradient_mode_belongs_to_its_thread()
    {
        using IDisposable mode = no_grad();
        bool elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.IsTrue(elsewhere);
    }

    [TestMethod]
    public void Clipping_scales_all_gradients_by_their_common_norm()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter a = nn.Parameter(zeros(1)), b = nn.Parameter(zeros(1)), idle = nn.Parameter(zeros(1));
        a.grad = tensor(new float[] { 3 });
        b.grad = tensor(new float[] { 4 });
        Assert.AreEqual(5, nn.utils.clip_grad_norm_([a, b, idle], 10), 1e-6);
        Assert.AreEqual(3, a.grad!.item<float>(), 1e-6f);
        Assert.AreEqual(5, nn.utils.clip_grad_norm_([a, b], 1), 1e-6);
        Assert.AreEqual(0.6f, a.grad!.item<float>(), 1e-5f);
        Assert.AreEqual(0.8f, b.grad!.item<float>(), 1e-5f);
    }
}
