using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class PointwiseTests
{
    private static readonly Golden Values = Golden.Load("pointwise");

    private static Tensor X => Values["x"];
    private static Tensor Y => Values["y"];
    private static Tensor P => Values["p"];
    private static Tensor I => Values["i"];
    private static Tensor J => Values["j"];
    private static Tensor B => Values["b"];
    private static Tensor C => Values["c"];
    private static Tensor Odd => Values["odd"];

    private static readonly Dictionary<string, Func<Tensor>> Operations = new()
    {
        ["abs"] = () => X.abs(),
        ["neg"] = () => -X,
        ["exp"] = () => X.exp(),
        ["log"] = () => P.log(),
        ["sqrt"] = () => P.sqrt(),
        ["rsqrt"] = () => P.rsqrt(),
        ["square"] = () => X.square(),
        ["reciprocal"] = () => P.reciprocal(),
        ["sigmoid"] = () => X.sigmoid(),
        ["tanh"] = () => X.tanh(),
        ["relu"] = () => X.relu(),
        ["floor"] = () => X.floor(),
        ["ceil"] = () => X.ceil(),
        ["round"] = () => (X * 3).round(),
        ["sign"] = () => X.sign(),
        ["sin"] = () => X.sin(),
        ["cos"] = () => X.cos(),
        ["add"] = () => X + Y,
        ["add_alpha"] = () => X.add(Y, 0.5),
        ["add_number"] = () => 2 + X,
        ["add_int"] = () => I + 2,
        ["add_int_float"] = () => I + 0.5,
        ["sub"] = () => X - Y,
        ["sub_number"] = () => X - 2,
        ["rsub_number"] = () => 1 - X,
        ["mul"] = () => X * Y,
        ["mul_number"] = () => 3 * X,
        ["mul_int"] = () => I * J,
        ["div"] = () => X / P,
        ["div_number"] = () => X / 4,
        ["div_int"] = () => I / J,
        ["pow"] = () => P.pow(Y),
        ["pow_number"] = () => X.pow(2),
        ["remainder"] = () => X.remainder(P),
        ["remainder_number"] = () => I.remainder(3),
        ["addcmul"] = () => X.addcmul(Y, P, 0.5),
        ["addcdiv"] = () => X.addcdiv(Y, P, 0.5),
        ["lerp"] = () => X.lerp(Y, P - 0.5),
        ["clamp"] = () => X.clamp(-0.5, 0.5),
        ["clamp_min"] = () => X.clamp(0.1),
        ["clamp_tensor"] = () => X.clamp(-P, P),
        ["minimum"] = () => X.minimum(Y),
        ["maximum"] = () => X.maximum(Y),
        ["eq"] = () => I == J,
        ["ne"] = () => I != J,
        ["lt"] = () => X < Y,
        ["le"] = () => X <= Y,
        ["gt"] = () => X > Y,
        ["ge"] = () => X >= Y,
        ["eq_number"] = () => I == 3,
        ["ne_number"] = () => I != 3,
        ["lt_number"] = () => X < 0.1,
        ["le_number"] = () => X <= 0.1,
        ["gt_number"] = () => X > 0.1,
        ["ge_number"] = () => X >= 0.1,
        ["isfinite"] = () => Odd.isfinite(),
        ["isnan"] = () => Odd.isnan(),
        ["logical_not"] = () => B.logical_not(),
        ["logical_and"] = () => B.logical_and(C),
        ["logical_or"] = () => B.logical_or(C),
        ["where"] = () => where(B, X, Y),
        ["odd_relu"] = () => Odd.relu(),
        ["odd_add"] = () => Odd + 1,
        ["half"] = () => X.half(),
        ["bfloat16"] = () => X.bfloat16(),
        ["float64"] = () => X.to(float64),
        ["to_long"] = () => (X * 3).@long(),
        ["to_byte"] = () => I.to_type(uint8),
        ["to_bool"] = () => I.gt(3).type(@bool),
    };

    private static readonly Dictionary<string, Func<Tensor>> InPlace = new()
    {
        ["abs"] = () => X.abs_(),
        ["neg"] = () => X.neg_(),
        ["exp"] = () => X.exp_(),
        ["log"] = () => P.log_(),
        ["sqrt"] = () => P.sqrt_(),
        ["reciprocal"] = () => P.reciprocal_(),
        ["sigmoid"] = () => X.sigmoid_(),
        ["relu"] = () => X.relu_(),
        ["floor"] = () => X.floor_(),
        ["round"] = () => X.mul_(3).round_(),
        ["add"] = () => X.add_(Y),
        ["add_alpha"] = () => X.add_(Y, 0.5),
        ["add_number"] = () => X.add_(2),
        ["sub"] = () => X.sub_(Y),
        ["sub_number"] = () => X.sub_(2),
        ["mul"] = () => X.mul_(Y),
        ["mul_number"] = () => X.mul_(3),
        ["div"] = () => X.div_(P),
        ["div_number"] = () => X.div_(4),
        ["pow_number"] = () => X.pow_(2),
        ["addcmul"] = () => X.addcmul_(Y, P, 0.5),
        ["addcdiv"] = () => X.addcdiv_(Y, P, 0.5),
        ["addcdiv_one"] = () => X.addcdiv_(Y, P),
        ["lerp"] = () => X.lerp_(Y, P - 0.5),
        ["clamp"] = () => X.clamp_(-0.5, 0.5),
        ["clamp_tensor"] = () => X.clamp_(-P, P),
    };

    public static IEnumerable<object[]> Names => Operations.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> InPlaceNames => InPlace.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void An_operation_gives_the_values_of_pytorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Values.AreClose(name, Operations[name]());
    }

    [TestMethod]
    [DynamicData(nameof(InPlaceNames))]
    public void An_operation_in_place_gives_the_values_of_pytorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Values.AreClose(name, InPlace[name]());
    }

    [TestMethod]
    public void An_operation_in_place_returns_the_tensor_itself()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tensor = X;
        Assert.AreSame(tensor, tensor.add_(1));
        Assert.AreSame(tensor, tensor.fill_(4));
        CollectionAssert.AreEqual(Enumerable.Repeat(4.0, 12).ToArray(), Golden.Values(tensor));
    }

    [TestMethod]
    public void Zeroing_a_tensor_returns_another_handle_on_the_same_memory()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tensor = X;
        Tensor zeroed = tensor.zero_();
        Assert.AreNotSame(tensor, zeroed);
        zeroed.add_(1);
        CollectionAssert.AreEqual(Enumerable.Repeat(1.0, 12).ToArray(), Golden.Values(tensor));
    }

    [TestMethod]
    public void The_named_comparisons_equal_the_operators()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((Tensor named, Tensor operated) in new[]
        {
            (I.eq(J), I == J), (I.ne(J), I != J), (I.lt(J), I < J), (I.le(J), I <= J), (I.gt(J), I > J), (I.ge(J), I >= J),
            (I.eq(3), I == 3), (I.ne(3), I != 3), (I.lt(3), I < 3), (I.le(3), I <= 3), (I.gt(3), I > 3), (I.ge(3), I >= 3),
            (I.add(3), I + 3), (I.sub(J), I - J), (I.sub(3), I - 3), (I.mul(J), I * J), (I.mul(3), I * 3), (I.div(J), I / J),
            (I.div(3), I / 3), (I.neg(), -I), (X.add(Y), X + Y),
        })
        {
            Assert.IsTrue(named.Equals(operated));
        }
    }

    [TestMethod]
    public void Close_tensors_are_close_and_others_are_not()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.IsTrue(X.allclose(X + 1e-7));
        Assert.IsFalse(X.allclose(X + 1e-3));
        Assert.IsTrue(X.allclose(X + 1e-3, 0, 1e-2));
        Assert.IsFalse(Odd.allclose(Odd));
        Assert.IsTrue(Odd.allclose(Odd, 0, 0, true));
        Assert.IsFalse(X.Equals(Y));
    }

    [TestMethod]
    public void Where_without_values_gives_one_index_tensor_per_dimension()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] indices = where(tensor(new[] { true, false, true }));
        Assert.HasCount(1, indices);
        CollectionAssert.AreEqual(new long[] { 0, 2 }, indices[0].data<long>().ToArray());
        Values.AreClose("where", X.where(B, Y));
    }
}
