using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
[DoNotParallelize]
public class RuntimeTests
{
    [TestMethod]
    public void Several_threads_compute_at_once()
    {
        float[] wanted = Result(0);
        var results = new float[4][];
        var threads = new List<Thread>();
        for (int i = 0; i < results.Length; i++)
        {
            int slot = i;
            var thread = new Thread(() =>
            {
                for (int repeat = 0; repeat < 20; repeat++) results[slot] = Result(0);
            });
            thread.Start();
            threads.Add(thread);
        }
        threads.ForEach(thread => thread.Join());
        for (int i = 0; i < results.Length; i++)
        {
            // The order of a threaded sum is free, so the last bits may differ.
            using Tensor expected = tensor(wanted), actual = tensor(results[i]);
            Golden.AreClose(expected, actual, 1e-4, 1e-4);
        }

        static float[] Result(long seed)
        {
            using DisposeScope scope = NewDisposeScope();
            using var generator = new Generator((ulong)seed);
            Tensor x = randn([4, 3, 8, 8], generator: generator);
            Tensor weight = randn([5, 3, 3, 3], generator: generator).requires_grad_();
            nn.functional.conv2d(x, weight).relu().sum().backward();
            return weight.grad!.data<float>().ToArray();
        }
    }

    [TestMethod]
    public void Errors_belong_to_the_thread_that_made_them()
    {
        var messages = new string[4];
        Parallel.For(0, messages.Length, i =>
        {
            using DisposeScope scope = NewDisposeScope();
            for (int repeat = 0; repeat < 50; repeat++)
            {
                messages[i] = Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(
                    () => ones(2, i + 3).mm(ones(2, i + 3))).Message;
            }
        });
        for (int i = 0; i < messages.Length; i++) StringAssert.Contains(messages[i], $"2x{i + 3}");
    }

    [TestMethod]
    public void The_number_of_threads_can_be_set()
    {
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            Assert.AreEqual(1, get_num_threads());
            Assert.IsGreaterThan(0, get_num_interop_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [TestMethod]
    public void Too_much_memory_is_refused_with_a_message()
    {
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => zeros(1L << 60));
    }

    [TestMethod]
    public void Tf32_can_be_allowed_and_forbidden()
    {
        (bool matmul, bool cudnn) = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        backends.cuda.matmul.allow_tf32 = !matmul;
        backends.cudnn.allow_tf32 = !cudnn;
        Assert.AreEqual(!matmul, backends.cuda.matmul.allow_tf32);
        Assert.AreEqual(!cudnn, backends.cudnn.allow_tf32);
        backends.cuda.matmul.allow_tf32 = matmul;
        backends.cudnn.allow_tf32 = cudnn;
    }

    [TestMethod]
    public void Cuda_is_there_or_refused_with_a_message()
    {
        Assert.AreEqual(cuda.device_count() > 0, cuda.is_available());
        cuda.manual_seed(1);
        cuda.manual_seed_all(1);
        if (cuda.is_available())
        {
            using Tensor there = ones([3], device: CUDA), back = there.add(1).cpu();
            CollectionAssert.AreEqual(new double[] { 2, 2, 2 }, Golden.Values(back));
            using Tensor pinned = zeros(3).pin_memory();
            Assert.IsTrue(pinned.is_pinned());
            cuda.synchronize();
            return;
        }
        Assert.IsFalse(cuda.is_cudnn_available());
        using Tensor here = ones(3);
        Assert.ThrowsExactly<InvalidOperationException>(() => here.cuda());
        Assert.ThrowsExactly<InvalidOperationException>(() => device("cuda:0"));
        Assert.ThrowsExactly<InvalidOperationException>(() => device("cuda", 0));
        Assert.ThrowsExactly<InvalidOperationException>(() => device(DeviceType.CUDA));
        Assert.ThrowsExactly<InvalidOperationException>(() => CUDA.ToString());
    }
}
