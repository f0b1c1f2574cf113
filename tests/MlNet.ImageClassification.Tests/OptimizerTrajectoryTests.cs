using Microsoft.ML;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Where the optimizers go, step after step, and that a checkpoint does not change it.</summary>
[TestClass]
public sealed class OptimizerTrajectoryTests
{
    /// <summary>
    /// torch 1.13.1, in float64: <c>x = tensor([[1., -2.]])</c>; eight steps of <c>a, b = x[0]; (1.5*a*a + .5*b*b + .5*a*b).backward()</c>;
    /// where x is after steps 1, 4 and 8 of the optimizer that stands in the comment, each with <c>lr=.05, weight_decay=.01</c>.
    /// </summary>
    public static IEnumerable<(Optimizer Optimizer, double[] Expected)> Trajectories =>
    [
        // SGD(momentum=.9, nesterov=True)
        (new SgdOptimizer { WeightDecay = 0.01 }, [0.80905, -1.8556, 0.166468097231, -1.13127662771, -0.172168959318, 0.00722894282661]),
        // Adam()
        (new AdamOptimizer { WeightDecay = 0.01 }, [0.950000000249, -1.95000000033, 0.801005862793, -1.80020930472, 0.608456675285, -1.60162182908]),
        // AdamW()
        (new AdamWOptimizer { WeightDecay = 0.01 }, [0.94950000025, -1.94900000033, 0.799168739954, -1.7963674705, 0.605256588803, -1.59437446026]),
        // RAdam(): from step 6 on the steps are rectified
        (new RAdamOptimizer { WeightDecay = 0.01 }, [0.8995, -1.924, 0.63914603915, -1.70048476363, 0.561127608373, -1.62290646443]),
        // RMSprop(alpha=.9, momentum=.9)
        (new RmsPropOptimizer { WeightDecay = 0.01 }, [0.841886119479, -1.84188612028, 0.0420186206504, -0.913735965517, -0.387898970355, 0.535242092061]),
        // RMSprop(alpha=.95)
        (new RmsPropOptimizer { WeightDecay = 0.01, Alpha = 0.95, Momentum = 0 }, [0.776393207225, -1.77639320883, 0.473632102729, -1.39390514525, 0.291088216016, -1.07144840889]),
        // Adagrad()
        (new AdagradOptimizer { WeightDecay = 0.01 }, [0.950000000002, -1.95, 0.865186843365, -1.86193243623, 0.793640146221, -1.78464963937]),
    ];

    [TestMethod]
    [DynamicData(nameof(Trajectories))]
    public void Each_optimizer_goes_where_PyTorchs_goes(Optimizer rule, double[] expected)
    {
        var actual = Trajectory(rule);

        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-11, $"value {i}");
    }

    /// <summary>PyTorch 1.13 has the present momentum in the product up to the next step twice, so here is the paper's recurrence.</summary>
    [TestMethod]
    public void NAdam_goes_where_its_paper_has_it()
    {
        const double Rate = 0.05, Decay = 0.01, Beta1 = 0.9, Beta2 = 0.999;
        double[] x = [1, -2], mean = [0, 0], square = [0, 0];
        double product = 1;
        var expected = new List<double>();
        for (int t = 1; t <= 8; t++)
        {
            double[] gradient = [3 * x[0] + 0.5 * x[1] + Decay * x[0], x[1] + 0.5 * x[0] + Decay * x[1]];
            double momentum = Momentum(t);
            product *= momentum;
            for (int i = 0; i < 2; i++)
            {
                mean[i] = Beta1 * mean[i] + (1 - Beta1) * gradient[i];
                square[i] = Beta2 * square[i] + (1 - Beta2) * gradient[i] * gradient[i];
                double ahead = Momentum(t + 1) * mean[i] / (1 - product * Momentum(t + 1)) + (1 - momentum) * gradient[i] / (1 - product);
                x[i] -= Rate * ahead / (Math.Sqrt(square[i] / (1 - Math.Pow(Beta2, t))) + 1e-8);
            }
            if (t is 1 or 4 or 8)
                expected.AddRange(x);
        }

        var actual = Trajectory(new NAdamOptimizer { WeightDecay = Decay });

        for (int i = 0; i < expected.Count; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-11, $"value {i}");

        static double Momentum(int t) => Beta1 * (1 - 0.5 * Math.Pow(0.96, 0.004 * t));
    }

    private static List<double> Trajectory(Optimizer rule)
    {
        using var scope = NewDisposeScope();
        var x = nn.Parameter(tensor(new double[] { 1, -2 }, [1, 2]));
        using var optimizer = rule.Create([new ParameterGroup([x], IsDecayed: true, RateFactor: 1)]);
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = 0.05;

        var actual = new List<double>();
        for (int step = 1; step <= 8; step++)
        {
            optimizer.zero_grad();
            var (a, b) = (x[0, 0], x[0, 1]);
            (1.5 * a * a + 0.5 * b * b + 0.5 * a * b).backward();
            optimizer.step();
            if (step is 1 or 4 or 8)
                actual.AddRange(x.data<double>().ToArray());
        }
        return actual;
    }

    /// <summary>TorchSharp multiplies a rectified step by the rate twice; when it no longer does, ours can go.</summary>
    [TestMethod]
    public void TorchSharps_own_RAdam_still_multiplies_by_the_rate_twice()
    {
        using var scope = NewDisposeScope();
        var x = nn.Parameter(tensor(new double[] { 1 }));
        using var optimizer = optim.RAdam([x], lr: 0.001);
        for (int step = 1; step <= 5; step++)
            Step();
        double before = x.item<double>();

        Step();

        // The gradient is 1 throughout, so the sixth step, the first that is rectified, is the rate times the paper's r_6.
        double longest = 2 / (1 - 0.999) - 1;
        double length = longest - 2 * 6 * Math.Pow(0.999, 6) / (1 - Math.Pow(0.999, 6));
        double rectification = Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
        Assert.AreEqual(0.001 * 0.001 * rectification, before - x.item<double>(), 1e-12);

        void Step()
        {
            x.grad = ones_like(x);
            optimizer.step();
        }
    }

    [TestMethod]
    public void The_schedules_momentum_takes_the_place_of_the_optimizers()
    {
        using var scope = NewDisposeScope();
        // Gradients of 1 at a rate of 1 without decay: Nesterov's second step is 1 + m (1 + m), Adam's mean is not changed by m.
        foreach (double momentum in new[] { 0.5, 0.25 })
        {
            var x = nn.Parameter(tensor(new double[] { 0 }));
            using var optimizer = new SgdOptimizer { WeightDecay = 0 }.Create([new ParameterGroup([x], IsDecayed: false, RateFactor: 1)]);
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = 1;
                Optimizer.SetMomentum(group, momentum);
            }
            for (int step = 0; step < 2; step++)
            {
                x.grad = ones_like(x);
                optimizer.step();
            }
            Assert.AreEqual(-(1 + momentum) - (1 + momentum * (1 + momentum)), x.item<double>(), 1e-12);
        }
        var weight = nn.Parameter(zeros([1]));
        using var adam = (NAdam)new NAdamOptimizer().Create([new ParameterGroup([weight], IsDecayed: false, RateFactor: 1)]);
        Optimizer.SetMomentum(adam.ParamGroups.Single(), 0.5);
        Assert.AreEqual((0.5, 0.999), ((NAdam.ParamGroup)adam.ParamGroups.Single()).Betas);
    }

    public static IEnumerable<TrainingRecipe> Resumable =>
    [
        new() { Optimizer = new AdamOptimizer(), Schedule = LearningRateSchedule.OneCycle() },
        new() { Optimizer = new AdamWOptimizer(), LayerwiseLearningRateDecay = 0.5 },
        new() { Optimizer = new NAdamOptimizer(), Schedule = LearningRateSchedule.OneCycle() },
        new() { Optimizer = new RAdamOptimizer() },
        new() { Optimizer = new RmsPropOptimizer() },
        new() { Optimizer = new AdagradOptimizer() },
        new() { Schedule = LearningRateSchedule.OneCycle(), LayerwiseLearningRateDecay = 0.5 },
        // No loss is a thousandth of the first: the rate falls after the third epoch, which comes after the stop, and after the fifth.
        new() { Schedule = LearningRateSchedule.ReduceOnPlateau(factor: 0.5, patience: 1, threshold: 0.999), WarmupEpochs = 0 },
    ];

    [TestMethod]
    [DynamicData(nameof(Resumable))]
    public void A_training_that_was_stopped_continues_to_the_same_weights(TrainingRecipe recipe)
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        (options.Epoch, options.LearningRate, options.ValidationSetFraction) = (6, 0.01, 0.2);
        options.Recipe = recipe;
        using var uninterrupted = Fit(options);

        options.WorkspacePath = folder.Path;
        using (var source = new CancellationTokenSource())
        {
            options.CancellationToken = source.Token;
            options.MetricsCallback = metrics => { if (metrics.Epoch == 2) source.Cancel(); };
            Fit(options).Dispose();
        }
        (options.CancellationToken, options.MetricsCallback) = (default, null);
        using var continued = Fit(options);

        CollectionAssert.AreEqual(
            uninterrupted.Report!.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss, epoch.LearningRate)).ToArray(),
            continued.Report!.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss, epoch.LearningRate)).ToArray());
        var weights = continued.Weights.ToDictionary();
        foreach (var (name, bytes) in uninterrupted.Weights.ToDictionary())
            CollectionAssert.AreEqual(bytes, weights[name], name);
        if (recipe.Schedule.WatchPlateaus() is not null)
            CollectionAssert.AreEqual(
                new[] { 0.01, 0.01, 0.01, 0.005, 0.005, 0.0025 }, continued.Report.Epochs.Select(epoch => epoch.LearningRate).ToArray());
    }

    [TestMethod]
    public void A_cycles_momentum_reaches_the_training()
    {
        // One step of all images at the peak, where the cycle's momentum is 0.85.
        var options = TinyImages.Options();
        (options.Epoch, options.BatchSize) = (1, 60);
        options.Recipe = options.Recipe with { WarmupEpochs = 0 };
        byte[] cycled = Weight(LearningRateSchedule.OneCycle(), momentum: 0.5);

        CollectionAssert.AreEqual(Weight(LearningRateSchedule.Constant, momentum: 0.85), cycled);
        CollectionAssert.AreNotEqual(Weight(LearningRateSchedule.Constant, momentum: 0.5), cycled);

        byte[] Weight(LearningRateSchedule schedule, double momentum)
        {
            options.Recipe = options.Recipe with { Schedule = schedule, Optimizer = new SgdOptimizer { Momentum = momentum } };
            using var model = Fit(options);
            return model.Weights.ToDictionary()["conv.weight"];
        }
    }

    [TestMethod]
    public void Other_rates_of_layers_go_on_from_the_weights_alone()
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        (options.Epoch, options.WorkspacePath) = (1, folder.Path);
        Fit(options).Dispose();
        (options.Epoch, options.Resume) = (2, ResumeMode.FromWeights);
        options.Recipe = options.Recipe with { LayerwiseLearningRateDecay = 0.5 };

        using var model = Fit(options);

        Assert.HasCount(2, model.Report!.Epochs);
    }

    private static ImageClassificationTransformer Fit(ImageClassificationOptions options)
    {
        var ml = new MLContext(seed: 1);
        return new TinyTrainer(options, ml).Fit(ml.Keyed(TinyImages.Floats(60)));
    }
}
