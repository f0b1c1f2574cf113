using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

[TestClass]
public class OptimTests
{
    private static readonly Golden PyTorch = Golden.Load("nn");

    private DisposeScope _scope = null!;
    private string _path = null!;

    [TestInitialize]
    public void Prepare()
    {
        _scope = NewDisposeScope();
        _path = Path.Combine(Path.GetTempPath(), $"optimizer-{Guid.NewGuid():N}.dat");
    }

    [TestCleanup]
    public void CleanUp()
    {
        _scope.Dispose();
        File.Delete(_path);
    }

    [TestMethod]
    public void SGD_follows_PyTorch() => AssertFollows("sgd", Sgd(0, 0, false));

    [TestMethod]
    public void SGD_with_dampened_momentum_follows_PyTorch() => AssertFollows("sgd_momentum", Sgd(0.9, 0.2, false));

    [TestMethod]
    public void SGD_with_Nesterov_momentum_follows_PyTorch() => AssertFollows("sgd_nesterov", Sgd(0.9, 0, true));

    [TestMethod]
    public void Adam_follows_PyTorch()
        => AssertFollows("adam", (weight, bias) => optim.Adam(AdamGroups(weight, bias), 0.1, 0.8, 0.95, 1e-6, 0.01));

    [TestMethod]
    public void Adam_with_the_largest_squares_follows_PyTorch()
        => AssertFollows("adam_amsgrad", (weight, bias) => optim.Adam(AdamGroups(weight, bias), 0.1, amsgrad: true));

    [TestMethod]
    public void AdamW_follows_PyTorch() => AssertFollows("adamw", AdamW);

    [TestMethod]
    public void State_saved_after_five_steps_continues_the_same_way()
    {
        AssertContinues("sgd_nesterov", Sgd(0.9, 0, true), viaFile: true);
        AssertContinues("sgd_nesterov", Sgd(0.9, 0, true), viaFile: false);
        AssertContinues("adamw", AdamW, viaFile: true);
        AssertContinues("adamw", AdamW, viaFile: false);
    }

    [TestMethod]
    public void Learning_rates_can_be_changed_between_steps()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        using var optimizer = optim.SGD([parameter], 0.5);
        var group = optimizer.ParamGroups.Single();
        Step(optimizer, parameter * 1);
        Assert.AreEqual(0.5, parameter.item<float>());

        group.LearningRate = 0.25;
        Step(optimizer, parameter * 1);

        Assert.AreEqual(0.25, parameter.item<float>());
        Assert.AreEqual((0.25, 0.5), (group.LearningRate, group.InitialLearningRate));
        Assert.AreSame(parameter, optimizer.parameters().Single());
    }

    [TestMethod]
    public void Options_of_a_group_can_be_changed_between_steps()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        var options = new SGD.Options { momentum = 0, nesterov = false, dampening = 0, maximize = true };
        var group = new SGD.ParamGroup([parameter], options);
        using var optimizer = optim.SGD([group], 1);
        Step(optimizer, parameter * 1);
        Assert.AreEqual(2, parameter.item<float>());

        group.Options!.maximize = false;
        options.weight_decay = 0.5;
        Step(optimizer, parameter * 1);
        Assert.AreEqual(0, parameter.item<float>(), "2 - (1 + 0.5 * 2)");
    }

    [TestMethod]
    public void Adam_can_climb()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        var options = new Adam.Options
        {
            LearningRate = 0.5, beta1 = 0, beta2 = 0, eps = 0, weight_decay = 0, amsgrad = false, maximize = true,
        };
        using var optimizer = optim.Adam([new Adam.ParamGroup([parameter], options)]);
        Step(optimizer, parameter * 4);
        Assert.AreEqual(1.5, parameter.item<float>(), 1e-6, "without averages a step is the sign of the gradient");
    }

    [TestMethod]
    public void Parameters_without_gradient_stay()
    {
        var used = Parameter(tensor(new[] { 1f }));
        var unused = Parameter(tensor(new[] { 1f }));
        using var optimizer = optim.AdamW([used, unused], 0.1, weight_decay: 0.5);
        Step(optimizer, used * 2);
        Assert.AreNotEqual(1, used.item<float>());
        Assert.AreEqual(1, unused.item<float>());
    }

    [TestMethod]
    public void Zero_grad_fills_gradients_with_zeros()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        using var optimizer = optim.SGD([parameter], 0.5);
        (parameter * 3).backward();
        Assert.AreEqual(3, parameter.grad!.item<float>());
        optimizer.zero_grad();
        Assert.AreEqual(0, parameter.grad!.item<float>());
    }

    [TestMethod]
    public void A_closure_computes_the_loss_that_step_returns()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        using var optimizer = optim.SGD([parameter], 0.5);
        using var loss = optimizer.step(() =>
        {
            var value = parameter * 4;
            value.backward();
            return value;
        });
        Assert.AreEqual(4, loss!.item<float>());
        Assert.AreEqual(-1, parameter.item<float>());
    }

    [TestMethod]
    public void Groups_can_be_added_and_take_the_defaults_they_do_not_set()
    {
        var first = Parameter(tensor(new[] { 1f }));
        var second = Parameter(tensor(new[] { 1f }));
        using var optimizer = optim.SGD([first], 0.5);
        optimizer.add_param_group(new SGD.ParamGroup([second], new SGD.Options { LearningRate = 0.25 }));
        Step(optimizer, first + second);
        Assert.AreEqual((0.5f, 0.75f), (first.item<float>(), second.item<float>()));
        Assert.AreEqual(2, optimizer.ParamGroups.Count());
    }

    [TestMethod]
    public void The_state_dictionary_shows_options_and_moments()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        using var sgd = optim.SGD([parameter], 0.5, 0.9);
        Step(sgd, parameter * 2);
        var sgdState = (SGD.State)sgd.state_dict().State.Single();
        Assert.AreEqual(2, sgdState.momentum_buffer!.item<float>());
        Assert.AreEqual(0.9, ((SGD.Options)sgd.state_dict().Options.Single()).momentum);
        Assert.AreEqual(0.5, sgd.state_dict().Options.Single().LearningRate);
        Assert.AreEqual(0.5, sgd.state_dict().Options.Single().InitialLearningRate);

        using var adam = optim.Adam([parameter], 0.5, 0.9, 0.75, amsgrad: true);
        Step(adam, parameter * 2);
        var adamState = (Adam.State)adam.state_dict().State.Single();
        Assert.AreEqual(1, adamState.step);
        Assert.AreEqual(0.2, adamState.exp_avg.item<float>(), 1e-6);
        Assert.AreEqual(1, adamState.exp_avg_sq.item<float>(), 1e-6);
        Assert.AreEqual(1, adamState.max_exp_avg_sq!.item<float>(), 1e-6);
    }

    [TestMethod]
    public void The_saved_form_of_SGD_is_name_counts_options_and_buffers()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        using var optimizer = optim.SGD([parameter], 0.5, 0.75, 0, 0.25);
        optimizer.ParamGroups.Single().LearningRate = 0.125;
        Step(optimizer, parameter * 2);
        var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));

        byte[] expected =
        [
            3, .. "SGD"u8,
            1, 1, // groups and parameters, LEB128
            .. BitConverter.GetBytes(0.5), .. BitConverter.GetBytes(0.125), // initial and present learning rate
            .. BitConverter.GetBytes(0.75), .. BitConverter.GetBytes(0.0), .. BitConverter.GetBytes(0.25),
            0, 0, // nesterov, maximize
            1, // a momentum buffer follows
            6, 1, 1, // float32, one dimension of 1
            .. BitConverter.GetBytes(2.25f),
        ];
        CollectionAssert.AreEqual(expected, stream.ToArray());

        using var other = optim.SGD([parameter], 1);
        other.load_state_dict(new BinaryReader(new MemoryStream(expected)));
        Assert.AreEqual(0.125, other.ParamGroups.Single().LearningRate);
        Assert.AreEqual(2.25, ((SGD.State)other.state_dict().State.Single()).momentum_buffer!.item<float>());
    }

    [TestMethod]
    public void State_of_another_optimizer_or_of_other_groups_is_refused()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        using var sgd = optim.SGD([parameter], 0.5);
        sgd.save_state_dict(_path);
        using var adam = optim.Adam([parameter]);
        Assert.Throws<InvalidDataException>(() => adam.load_state_dict(_path));
        using var larger = optim.SGD([parameter, Parameter(tensor(new[] { 2f }))], 0.5);
        Assert.Throws<ArgumentException>(() => larger.load_state_dict(_path));
        Assert.Throws<ArgumentException>(() => larger.load_state_dict(sgd.state_dict()));
        File.WriteAllBytes(_path, File.ReadAllBytes(_path)[..^3]);
        Assert.Throws<EndOfStreamException>(() => sgd.load_state_dict(_path));
    }

    [TestMethod]
    public void Options_out_of_range_are_refused()
    {
        var parameters = new[] { Parameter(tensor(new[] { 1f })) };
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, -1));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 1, -0.5));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 1, 0, 0, -1));
        Assert.Throws<ArgumentException>(() => optim.SGD(parameters, 1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.Adam(parameters, -1));
        Assert.Throws<ArgumentException>(() => optim.Adam(parameters, 1, 1));
        Assert.Throws<ArgumentException>(() => optim.AdamW(parameters, 1, 0.9, 1));
        Assert.Throws<ArgumentException>(() => optim.AdamW(parameters, 1, weight_decay: -1));
    }

    [TestMethod]
    public void Dispose_frees_the_moments_and_keeps_the_parameters()
    {
        var parameter = Parameter(tensor(new[] { 1f }));
        (parameter * 2).backward();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach (var optimizer in new optim.Optimizer[] { optim.SGD([parameter], 0.1, 0.9), optim.AdamW([parameter]) })
        {
            optimizer.step();
            Assert.IsGreaterThan(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            optimizer.Dispose();
        }
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsFalse(parameter.IsInvalid);
    }

    private static Func<Parameter, Parameter, OptimizerHelper> Sgd(double momentum, double dampening, bool nesterov)
        => (weight, bias) => optim.SGD(
            [
                new SGD.ParamGroup([weight], new SGD.Options()),
                new SGD.ParamGroup([bias], new SGD.Options { LearningRate = 0.05, weight_decay = 0 }),
            ],
            0.1, momentum, dampening, 0.01, nesterov);

    private static Adam.ParamGroup[] AdamGroups(Parameter weight, Parameter bias)
        => [
            new([weight], new Adam.Options()),
            new([bias], new Adam.Options { LearningRate = 0.05, weight_decay = 0 }),
        ];

    private static OptimizerHelper AdamW(Parameter weight, Parameter bias)
        => optim.AdamW(
            [
                new AdamW.ParamGroup([weight], new AdamW.Options()),
                new AdamW.ParamGroup([bias], new AdamW.Options { LearningRate = 0.05, weight_decay = 0 }),
            ],
            0.1, 0.8, 0.95, weight_decay: 0.1);

    private static void AssertFollows(string name, Func<Parameter, Parameter, OptimizerHelper> create)
    {
        var regression = new Regression();
        using var optimizer = create(regression.Weight, regression.Bias);
        regression.Run(optimizer, 10);
        regression.AssertFollowed(name);
    }

    private void AssertContinues(string name, Func<Parameter, Parameter, OptimizerHelper> create, bool viaFile)
    {
        var regression = new Regression();
        using var first = create(regression.Weight, regression.Bias);
        regression.Run(first, 5);
        using var second = create(regression.Weight, regression.Bias);
        if (viaFile)
        {
            first.save_state_dict(_path);
            second.load_state_dict(_path);
        }
        else
        {
            second.load_state_dict(first.state_dict());
        }
        regression.Run(second, 5);
        regression.AssertFollowed(name);
    }

    private static void Step(optim.Optimizer optimizer, Tensor loss)
    {
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }

    /// <summary>The problem of make_nn_goldens.py, with the path its parameters take.</summary>
    private sealed class Regression
    {
        private readonly Tensor _x = PyTorch["optim/x"];
        private readonly Tensor _y = PyTorch["optim/y"];
        private readonly List<Tensor> _weights = [];
        private readonly List<Tensor> _biases = [];

        public Parameter Weight { get; } = Parameter(PyTorch["optim/weight"]);

        public Parameter Bias { get; } = Parameter(PyTorch["optim/bias"]);

        public void Run(optim.Optimizer optimizer, int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                Step(optimizer, functional.mse_loss(functional.linear(_x, Weight, Bias), _y));
                _weights.Add(Weight.detach().clone());
                _biases.Add(Bias.detach().clone());
            }
        }

        public void AssertFollowed(string name)
        {
            PyTorch.AreClose($"optim/{name}/weight", stack(_weights));
            PyTorch.AreClose($"optim/{name}/bias", stack(_biases));
        }
    }
}
