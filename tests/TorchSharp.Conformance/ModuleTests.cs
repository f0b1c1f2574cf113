using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

[TestClass]
public class ModuleTests
{
    private DisposeScope _scope = null!;

    [TestInitialize]
    public void OpenScope() => _scope = NewDisposeScope();

    [TestCleanup]
    public void CloseScope() => _scope.Dispose();

    [TestMethod]
    public void State_names_are_field_names_or_component_names()
    {
        using var network = new Network();
        CollectionAssert.AreEqual(
            new[] { "scale", "renamed", "head.weight", "head.bias", "body.first.weight", "body.first.bias" },
            network.named_parameters().Select(named => named.name).ToArray());
        CollectionAssert.AreEqual(new[] { "count" }, network.named_buffers().Select(named => named.name).ToArray());
        CollectionAssert.AreEquivalent(
            new[] { "scale", "renamed", "head.weight", "head.bias", "body.first.weight", "body.first.bias", "count" },
            network.state_dict().Keys);
        CollectionAssert.AreEquivalent(
            new[] { "net.weight", "net.bias" }, Linear(1, 1).state_dict(null, "net").Keys);
    }

    [TestMethod]
    public void Own_components_can_be_listed_without_those_of_children()
    {
        using var network = new Network();
        CollectionAssert.AreEqual(
            new[] { "scale", "renamed" }, network.named_parameters(false).Select(named => named.name).ToArray());
        Assert.AreEqual(2, network.parameters(false).Count());
        Assert.AreEqual(6, network.parameters().Count());
        Assert.AreEqual(1, network.buffers(false).Count());
        Assert.AreEqual(0, network.body.named_buffers(false).Count());
    }

    [TestMethod]
    public void Modules_are_listed_level_by_level()
    {
        using var network = new Network();
        CollectionAssert.AreEqual(
            new[] { "head", "body" }, network.named_children().Select(named => named.name).ToArray());
        CollectionAssert.AreEqual(
            new[] { "head", "body", "body.first", "body.second" },
            network.named_modules().Select(named => named.name).ToArray());
        Assert.AreSame(network.head, network.children().First());
        Assert.AreEqual(4, network.modules().Count());
    }

    [TestMethod]
    public void Components_are_found_by_their_path()
    {
        using var network = new Network();
        Assert.AreSame(network.head.weight, network.get_parameter("head.weight"));
        Assert.AreSame(network.scale, network.get_parameter("scale"));
        Assert.AreSame(network.count, network.get_buffer("count"));
        Assert.IsNull(network.get_parameter("head.nothing"));
        Assert.IsNull(network.get_parameter("nowhere.weight"));
        Assert.IsNull(network.get_buffer("head.weight"));
    }

    [TestMethod]
    public void A_parameter_used_twice_is_listed_once()
    {
        var shared = Linear(2, 2, false);
        using var network = new Pair(shared, shared);
        CollectionAssert.AreEqual(new[] { "left.weight" }, network.named_parameters().Select(named => named.name).ToArray());
    }

    [TestMethod]
    public void Names_cannot_be_registered_twice_nor_hold_a_dot_nor_nothing()
    {
        using var network = new Registrar();
        network.register_parameter("weight", Parameter(ones([1])));
        network.register_buffer("count", ones([1]));
        network.register_module("child", Identity());

        Assert.Throws<InvalidOperationException>(() => network.register_parameter("weight", Parameter(ones([1]))));
        Assert.Throws<InvalidOperationException>(() => network.register_buffer("count", ones([1])));
        Assert.Throws<InvalidOperationException>(() => network.register_module("child", Identity()));
        Assert.Throws<ArgumentException>(() => network.register_module("a.b", Identity()));
        Assert.Throws<ArgumentException>(() => network.register_module("", Identity()));
        Assert.Throws<ArgumentNullException>(() => network.register_parameter("none", null!));
        Assert.Throws<ArgumentNullException>(() => network.register_buffer("none", null!));
    }

    [TestMethod]
    public void A_buffer_that_is_not_persistent_is_not_saved()
    {
        using var network = new Registrar();
        network.register_buffer("kept", ones([1]));
        network.register_buffer("scratch", zeros([1]), false);
        CollectionAssert.AreEqual(new[] { "kept" }, network.state_dict().Keys.ToArray());
        Assert.AreEqual(0, network.get_buffer("scratch")!.item<float>());
    }

    [TestMethod]
    public void Train_and_eval_reach_every_module()
    {
        using var network = new Network();
        Assert.IsTrue(network.training);
        network.eval();
        Assert.IsFalse(network.training);
        Assert.IsTrue(network.modules().All(module => !module.training));
        network.train();
        Assert.IsTrue(network.modules().All(module => module.training));
        network.train(false);
        Assert.IsTrue(network.modules().All(module => !module.training));
    }

    [TestMethod]
    public void Apply_visits_children_before_their_parent()
    {
        using var network = new Network();
        var visited = new List<Module>();
        Assert.AreSame(network, network.apply(visited.Add));
        CollectionAssert.AreEqual(
            new Module[] { network.head, network.body.children().First(), network.body.children().Last(), network.body, network },
            visited);
    }

    [TestMethod]
    public void Zero_grad_drops_gradients_or_fills_them_with_zeros()
    {
        using var layer = Linear(2, 1);
        layer.call(ones([1, 2])).sum().backward();
        layer.zero_grad(false);
        Assert.AreEqual(0, layer.weight.grad!.abs().sum().item<float>());
        layer.zero_grad();
        Assert.IsNull(layer.weight.grad);
        Assert.IsNull(layer.bias!.grad);
    }

    [TestMethod]
    public void Converting_replaces_floating_point_components_and_their_gradients()
    {
        using var network = new Network();
        network.call(ones([1, 2])).sum().backward();

        Assert.AreSame(network, network.bfloat16());

        Assert.IsTrue(network.parameters().All(parameter => parameter.dtype == ScalarType.BFloat16));
        Assert.AreEqual(ScalarType.Int64, network.count.dtype);
        Assert.AreSame(network.scale, network.get_parameter("scale"));
        Assert.IsTrue(network.scale.requires_grad);
        Assert.AreEqual(ScalarType.BFloat16, network.scale.grad!.dtype);
        Assert.AreEqual(ScalarType.Float16, network.half().head.weight.dtype);
        Assert.AreEqual(ScalarType.Float32, network.@float().head.weight.dtype);
        Assert.AreEqual(ScalarType.BFloat16, network.to(ScalarType.BFloat16).scale.dtype);
        Assert.AreEqual(ScalarType.Float32, network.to(CPU, ScalarType.Float32).scale.dtype);
        Assert.AreEqual(ScalarType.BFloat16, network.to(ones([1], ScalarType.BFloat16)).scale.dtype);
    }

    [TestMethod]
    public void Converting_batch_norm_keeps_its_count_integral()
    {
        using var norm = BatchNorm2d(2).half();
        Assert.AreEqual(ScalarType.Float16, norm.weight.dtype);
        Assert.AreEqual(ScalarType.Float16, norm.running_mean!.dtype);
        Assert.AreEqual(ScalarType.Int64, norm.num_batches_tracked!.dtype);
    }

    [TestMethod]
    public void Modules_do_not_become_integral()
    {
        using var network = new Network();
        Assert.Throws<ArgumentException>(() => network.to(ScalarType.Int64));
        Assert.AreEqual(ScalarType.Float32, network.scale.dtype);
    }

    [TestMethod]
    public void Moving_to_where_a_module_is_keeps_its_parameters()
    {
        using var layer = Linear(1, 1);
        var weight = layer.weight;
        layer.cpu().to(CPU).to("cpu").to(DeviceType.CPU);
        Assert.AreSame(weight, layer.weight);
        Assert.IsFalse(weight.IsInvalid);
    }

    [TestMethod]
    public void Moving_to_a_GPU_moves_everything_or_says_there_is_none()
    {
        using var network = new Network();
        if (cuda.is_available())
        {
            network.cuda();
            Assert.IsTrue(network.state_dict().Values.All(tensor => tensor.device.type == DeviceType.CUDA));
        }
        else
        {
            var error = Assert.Throws<InvalidOperationException>(() => network.cuda());
            Assert.Contains("CUDA", error.Message);
        }
    }

    [TestMethod]
    public void Dispose_frees_every_parameter_and_buffer()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var network = new Network();
        var tensors = network.state_dict().Values.ToList();

        network.Dispose();
        network.Dispose();

        Assert.IsTrue(tensors.All(tensor => tensor.IsInvalid));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Parameters_made_inside_a_scope_end_with_it()
    {
        Network network;
        using (NewDisposeScope())
            network = new Network();
        Assert.IsTrue(network.scale.IsInvalid);
        network.Dispose();
    }

    [TestMethod]
    public void Parameter_takes_the_tensor_it_is_made_of()
    {
        var data = ones([2]);
        var parameter = Parameter(data);
        Assert.IsTrue(data.IsInvalid);
        Assert.IsTrue(parameter.requires_grad);
        Assert.IsFalse(new Parameter(ones([2]), false).requires_grad);
    }

    [TestMethod]
    public void A_state_dictionary_fits_another_module_of_the_same_kind()
    {
        using var source = new Network();
        using var target = new Network();
        init.constant_(source.scale, 5);

        var (missing, unexpected) = target.load_state_dict(source.state_dict());

        Assert.AreEqual(0, missing.Count + unexpected.Count);
        Assert.AreEqual(5, target.scale.item<float>());
        Assert.AreNotSame(source.scale, target.scale);
        CollectionAssert.AreEqual(
            source.head.weight.data<float>().ToArray(), target.head.weight.data<float>().ToArray());
    }

    [TestMethod]
    public void A_state_dictionary_that_does_not_fit_changes_nothing_and_names_what_is_wrong()
    {
        using var layer = Linear(1, 1);
        var weight = layer.weight.item<float>();
        var state = new Dictionary<string, Tensor> { ["weight"] = ones([1, 1]), ["extra"] = ones([1]) };

        Assert.Throws<InvalidOperationException>(() => layer.load_state_dict(state));
        Assert.AreEqual(weight, layer.weight.item<float>());

        var (missing, unexpected) = layer.load_state_dict(state, false);
        CollectionAssert.AreEqual(new[] { "bias" }, missing.ToArray());
        CollectionAssert.AreEqual(new[] { "extra" }, unexpected.ToArray());
        Assert.AreEqual(1, layer.weight.item<float>());

        (missing, unexpected) = layer.load_state_dict(state, true, ["bias", "extra"]);
        Assert.AreEqual(0, missing.Count + unexpected.Count);
    }

    [TestMethod]
    public void A_state_of_another_shape_is_refused()
    {
        using var layer = Linear(2, 3);
        var state = new Dictionary<string, Tensor> { ["weight"] = ones([4, 5]), ["bias"] = ones([3]) };
        Assert.Throws<Exception>(() => layer.load_state_dict(state));
    }

    [TestMethod]
    public void Sequential_calls_its_modules_in_order()
    {
        using var double_ = Linear(1, 1, false);
        double_.weight = Parameter(full([1, 1], 2f));
        using var negate = Linear(1, 1, false);
        negate.weight = Parameter(full([1, 1], -1f));

        Assert.AreEqual(0, Sequential(double_, negate, ReLU()).call(ones([1, 1])).item<float>());
        Assert.AreEqual(-2, Sequential(ReLU(), double_, negate).call(ones([1, 1])).item<float>());
        Assert.AreEqual(3, Sequential().call(full([1, 1], 3f)).item<float>());
    }

    [TestMethod]
    public void Sequential_names_its_modules_by_position_or_as_told()
    {
        IEnumerable<Module<Tensor, Tensor>> listed = [Identity(), Linear(1, 1, false)];
        using var numbered = Sequential(listed).append(ReLU());
        CollectionAssert.AreEqual(
            new[] { "0", "1", "2" }, numbered.named_children().Select(named => named.name).ToArray());
        CollectionAssert.AreEqual(new[] { "1.weight" }, numbered.state_dict().Keys.ToArray());

        using var named = Sequential(("norm", BatchNorm2d(1))).append("out", Identity());
        CollectionAssert.AreEqual(
            new[] { "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked" },
            named.state_dict().Keys.ToArray());
        Assert.AreEqual(2, named.Count);
        Assert.AreSame<object>(named.children().Last(), named[1]);
        Assert.AreEqual(1f, named[1].call(ones([1])).item<float>());
    }

    [TestMethod]
    public void Sequential_disposes_what_passes_between_its_modules()
    {
        using var network = Sequential(ReLU(), ReLU(), ReLU());
        var input = ones([4]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var output = network.call(input);
        Assert.AreEqual(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsFalse(input.IsInvalid);
        Assert.IsFalse(output.IsInvalid);
    }

    [TestMethod]
    public void ModuleList_registers_its_modules_by_position()
    {
        using var network = new Listed(ModuleList(Linear(1, 1, false), Linear(1, 1, false)));
        CollectionAssert.AreEqual(
            new[] { "layers.0.weight", "layers.1.weight" },
            network.named_parameters().Select(named => named.name).ToArray());
        Assert.AreEqual(2, network.layers.Count);
        CollectionAssert.AreEqual(network.layers.ToArray(), new[] { network.layers[0], network.layers[1] });

        network.layers.Add(Linear(1, 1, false));
        Assert.AreEqual(0, new ModuleList<Linear>().Count);
        Assert.AreEqual(3, network.layers.Count);
        Assert.AreEqual(2, network.parameters().Count(), "the list registers once, with its parent");
    }

    private sealed class Network : Module<Tensor, Tensor>
    {
        public Parameter scale = Parameter(ones([1]));
        public Tensor count = zeros([1], ScalarType.Int64);
        public Linear head = Linear(2, 1);
        public Sequential body = Sequential(("first", Linear(1, 1)), ("second", ReLU()));

        [ComponentName(Name = "renamed")]
        private readonly Parameter _offset = Parameter(ones([1]));

        public Network() : base(nameof(Network)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return scope.MoveToOuter(body.call(head.call(input)) * scale + _offset);
        }
    }

    private sealed class Pair : Module<Tensor, Tensor>
    {
        private readonly Linear left;
        private readonly Linear right;

        public Pair(Linear left, Linear right) : base(nameof(Pair))
        {
            this.left = left;
            this.right = right;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => left.call(input) + right.call(input);
    }

    private sealed class Listed : Module
    {
        public readonly ModuleList<Linear> layers;

        public Listed(ModuleList<Linear> layers) : base(nameof(Listed))
        {
            this.layers = layers;
            RegisterComponents();
        }
    }

    private sealed class Registrar : Module
    {
        public Registrar() : base(nameof(Registrar)) { }
    }
}
