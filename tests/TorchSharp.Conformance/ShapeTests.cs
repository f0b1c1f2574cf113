using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class ShapeTests
{
    private static readonly Golden Values = Golden.Load("shapes");

    private static Tensor X => Values["x"];
    private static Tensor Y => Values["y"];
    private static Tensor Rows => Values["rows"];
    private static Tensor Pick => Values["pick"];
    private static Tensor Mask => Values["mask"];

    private static readonly Dictionary<string, Func<Tensor>> Operations = new()
    {
        ["view"] = () => X.view(6, 4),
        ["reshape"] = () => X.reshape(3, -1),
        ["permute"] = () => X.permute(2, 0, 1),
        ["expand"] = () => X.narrow(1, 0, 1).expand(2, 5, 4),
        ["repeat"] = () => X.repeat(1, 2, 1),
        ["flip"] = () => X.flip(0, 2),
        ["roll"] = () => X.roll(1, 2),
        ["roll_all"] = () => X.roll(5),
        ["roll_dims"] = () => X.roll(new long[] { 1, -1 }, new long[] { 0, 1 }),
        ["as_strided"] = () => X.as_strided(new long[] { 2, 3 }, new long[] { 4, 1 }, 2),
        ["flatten"] = () => X.flatten(1),
        ["transpose"] = () => X.transpose(0, 2),
        ["t"] = () => X[0].t(),
        ["squeeze"] = () => X.narrow(0, 0, 1).squeeze(0),
        ["squeeze_all"] = () => X.narrow(0, 0, 1).narrow(2, 0, 1).squeeze(),
        ["unsqueeze"] = () => X.unsqueeze(1),
        ["narrow"] = () => X.narrow(2, 1, 2),
        ["slice"] = () => X.slice(2, 0, 4, 2),
        ["select"] = () => X.select(1, 2),
        ["unfold"] = () => X.unfold(2, 2, 1),
        ["index_select"] = () => X.index_select(1, Rows),
        ["gather"] = () => X.gather(1, Pick),
        ["scatter"] = () => zeros_like(X).scatter(1, Pick, X.narrow(1, 0, 2)),
        ["scatter_add"] = () => Y.scatter_add_(1, Pick, X.narrow(1, 0, 2)),
        ["masked_fill"] = () => X.masked_fill(Mask, 7),
        ["masked_select"] = () => X.masked_select(Mask),
        ["cat"] = () => cat(new[] { X, Y }, 1),
        ["stack"] = () => stack(new[] { X, Y }, 1),
        ["split"] = () => X.split(2, 1)[1],
        ["split_sizes"] = () => X.split(new long[] { 1, 3 }, 2)[1],
        ["chunk"] = () => X.chunk(2, 2)[1],
        ["unbind"] = () => X.unbind(1)[2],
        ["nonzero"] = () => Mask.nonzero(),
        ["where_index"] = () => where(Mask)[2],
        ["at"] = () => X[1],
        ["at2"] = () => X[1, 2],
        ["at3"] = () => X[1, 2, 3],
        ["range"] = () => X[TensorIndex.Colon, TensorIndex.Slice(1, 3)],
        ["ellipsis"] = () => X[TensorIndex.Ellipsis, TensorIndex.Single(1)],
        ["none"] = () => X[TensorIndex.Colon, TensorIndex.None],
        ["step"] = () => X[TensorIndex.Colon, TensorIndex.Colon, TensorIndex.Slice(null, null, 2)],
        ["last"] = () => X[-1],
        ["by_tensor"] = () => X[TensorIndex.Colon, TensorIndex.Tensor(Rows)],
        ["index"] = () => X.index(TensorIndex.Ellipsis, 1..3, TensorIndex.Colon),
        ["index_single"] = () => X.index(1L, 2L),
        ["by_mask"] = () => X[Mask],
        ["one_hot"] = () => nn.functional.one_hot(Rows, 4),
    };

    public static IEnumerable<object[]> Names => Operations.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_view_or_selection_gives_the_values_of_pytorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Values.AreClose(name, Operations[name]());
    }

    [TestMethod]
    public void Values_can_be_put_by_index()
    {
        using DisposeScope scope = NewDisposeScope();
        Values.AreClose("put_number", X.index_put_((Scalar)5, TensorIndex.Colon, TensorIndex.Single(1)));
        Values.AreClose("put_mask", X.index_put_(zeros(1), TensorIndex.Tensor(Mask)));
        Values.AreClose("put_mask", X.masked_fill_(Mask, 0));

        Tensor x = X;
        x[0] = Y[1];
        Values.AreClose("put", x);
        x[0, 0] = Y[1, 1];
        x[0, 0, 0] = Y[1, 1, 0];
        Assert.IsTrue(x[0, 0].Equals(Y[1, 1]));
    }

    [TestMethod]
    public void Scattering_in_place_equals_scattering()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor zero = zeros_like(X);
        Assert.AreSame(zero, zero.scatter_(1, Pick, X.narrow(1, 0, 2)));
        Values.AreClose("scatter", zero);
    }

    [TestMethod]
    public void A_view_shares_memory_and_a_clone_does_not()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = X;
        Tensor clone = x.clone(), alias = x.alias();
        x.view(24).fill_(3);
        Assert.AreEqual(3f, alias[1, 2, 3].item<float>());
        Values.AreClose("x", clone);
    }

    [TestMethod]
    public void Channels_last_strides_survive_a_permute_of_a_contiguous_tensor()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = randn(2, 3, 4, 5).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        CollectionAssert.AreEqual(new long[] { 2, 3, 4, 5 }, images.shape);
        CollectionAssert.AreEqual(new long[] { 60, 1, 15, 3 }, images.stride());
        Assert.AreEqual(15, images.stride(2));
        Assert.IsFalse(images.is_contiguous());
    }

    [TestMethod]
    public void A_tensor_describes_itself()
    {
        using Tensor x = X;
        Assert.AreEqual(3, x.dim());
        Assert.AreEqual(3, x.ndim);
        Assert.AreEqual(24, x.numel());
        Assert.AreEqual(24, x.NumberOfElements);
        Assert.AreEqual(4, x.element_size());
        Assert.AreEqual(4, x.ElementSize);
        Assert.AreEqual(3, x.size(1));
        CollectionAssert.AreEqual(new long[] { 2, 3, 4 }, x.size());
        Assert.AreEqual(DeviceType.CPU, x.device_type);
        Assert.AreEqual("cpu", x.device.ToString());
        Assert.AreEqual(ScalarType.Float32, x.dtype);
        Assert.IsTrue(x.is_contiguous());
        Assert.IsFalse(x.is_pinned());
        StringAssert.Contains(x.ToString(), "Float32");
    }
}
