using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
[DoNotParallelize]
public class RandomTests
{
    [TestMethod]
    public void A_seed_gives_the_numbers_of_pytorch()
    {
        using DisposeScope scope = NewDisposeScope();
        Golden values = Golden.Load("random");
        manual_seed(42);
        values.AreClose("rand", rand([5]));
        values.AreClose("randn", randn([5]));
        values.AreClose("randint", randint(3, 100, [6]));
        values.AreClose("randint_high", randint(10, [6]));
        values.AreClose("randperm", randperm(10));
        values.AreClose("uniform_", empty([4]).uniform_(-1, 3));
        values.AreClose("normal_", empty([4]).normal_(2, 0.5));
        values.AreClose("bernoulli_", empty([9]).bernoulli_(0.3));
        values.AreClose("bernoulli", bernoulli(full([9], 0.7)));
        values.AreClose("multinomial", multinomial(tensor(new[] { 0.1f, 0.2f, 0.3f, 0.4f }), 3));
        values.AreClose("dropout", nn.functional.dropout(ones(9), 0.4));

        using var generator = new Generator(7);
        values.AreClose("generator", randn([5], generator: generator));
    }

    [TestMethod]
    public void The_state_of_the_generator_can_be_taken_and_set()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(5).Dispose();
        using Generator standard = Generator.Default;
        Assert.AreEqual(5, standard.initial_seed());
        Assert.AreEqual(5, random.initial_seed());
        Tensor state = random.get_rng_state();
        Tensor first = rand([3]);
        random.set_rng_state(state);
        Assert.IsTrue(first.Equals(rand([3])));
    }

    [TestMethod]
    public void A_generator_of_ones_own_leaves_the_default_one_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using var own = new Generator(1);
        Assert.AreNotEqual(IntPtr.Zero, own.Handle);
        Assert.AreEqual(DeviceType.CPU, own.device.type);
        manual_seed(9).Dispose();
        Tensor expected = rand([3]);

        manual_seed(9).Dispose();
        Tensor state = own.get_state();
        Tensor mine = rand([3], generator: own);
        Assert.IsTrue(expected.Equals(rand([3])));
        own.set_state(state);
        Assert.IsTrue(mine.Equals(rand([3], generator: own)));
        Assert.IsTrue(ones(3).bernoulli(own).Equals(ones(3)));
        Assert.AreEqual(1, zeros(3).add_(tensor(new float[] { 0, 1, 0 })).multinomial(1, true, own).item<long>());
        own.manual_seed(1);
        Assert.AreEqual(1, own.initial_seed());
        Assert.IsTrue(mine.Equals(rand([3], generator: own)));
    }
}
