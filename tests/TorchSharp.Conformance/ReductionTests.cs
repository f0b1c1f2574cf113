using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class ReductionTests
{
    private static readonly Golden Values = Golden.Load("reductions");

    private static Tensor X => Values["x"];
    private static Tensor B => Values["b"];

    private static readonly Dictionary<string, Func<Tensor>> Operations = new()
    {
        ["sum"] = () => X.sum(),
        ["sum_dim"] = () => X.sum(1),
        ["sum_dims"] = () => X.sum(new long[] { 0, 2 }, true),
        ["sum_double"] = () => X.sum(float64),
        ["mean"] = () => X.mean(),
        ["mean_dims"] = () => X.mean(new long[] { 0, 2 }),
        ["mean_double"] = () => X.mean(new long[] { 1 }, true, float64),
        ["var"] = () => X.var(),
        ["var_dims"] = () => X.var(new long[] { 0, 2 }, false, true),
        ["std"] = () => X.std(),
        ["std_dims"] = () => X.std(new long[] { 1 }),
        ["norm"] = () => X.norm(),
        ["norm_1"] = () => X.norm(1f),
        ["norm_dim"] = () => X.norm(1, true),
        ["max"] = () => X.max(),
        ["min"] = () => X.min(),
        ["max_dim"] = () => X.max(1).values,
        ["max_dim_index"] = () => X.max(1).indexes,
        ["min_dim"] = () => X.min(2, true).values,
        ["min_dim_index"] = () => X.min(2, true).indexes,
        ["amax"] = () => X.amax(0, 1),
        ["amin"] = () => X.amin(1, 2),
        ["argmax"] = () => X.argmax(),
        ["argmax_dim"] = () => X.argmax(1, true),
        ["argmin"] = () => X.argmin(),
        ["argmin_dim"] = () => X.argmin(0),
        ["all"] = () => B.all(),
        ["all_dim"] = () => B.all(2),
        ["any"] = () => B.any(),
        ["any_dim"] = () => B.any(2, true),
        ["median"] = () => X.median(),
        ["cumsum"] = () => X.cumsum(1),
        ["cumsum_double"] = () => X.cumsum(0, float64),
        ["topk"] = () => X.topk(2, 2).Item1,
        ["topk_index"] = () => X.topk(2, 2).Item2,
        ["bottomk"] = () => X.topk(2, 2, false).Item1,
        ["sort"] = () => X.sort(1).Values,
        ["sort_index"] = () => X.sort(1).Indices,
        ["sort_down"] = () => X.sort(2, true).Values,
        ["softmax"] = () => X.softmax(1),
        ["log_softmax"] = () => X.log_softmax(2),
        ["softmax_double"] = () => X.softmax(1, float64),
        ["log_softmax_double"] = () => X.log_softmax(1, float64),
        ["mm"] = () => Values["m"].mm(Values["n"]),
        ["matmul"] = () => Values["bm"].matmul(Values["n"]),
        ["bmm"] = () => Values["bm"].bmm(Values["bn"]),
        ["einsum"] = () => einsum("bij,bjk->bik", Values["bm"], Values["bn"]),
    };

    public static IEnumerable<object[]> Names => Operations.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_reduction_gives_the_values_of_pytorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Values.AreClose(name, Operations[name]());
    }
}
