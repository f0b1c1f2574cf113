namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class LearningRateTests
{
    [TestMethod]
    public void It_rises_in_a_line_and_falls_along_a_cosine()
    {
        // 3 epochs of 4 steps, the first of them the warm-up.
        var curve = new LearningRateCurve(LearningRateSchedule.Cosine, peak: 1, warmupEpochs: 1, epochs: 3, stepsPerEpoch: 4);

        Assert.AreEqual(0.25, curve.At(0), 1e-9);
        Assert.AreEqual(0.75, curve.At(2), 1e-9);
        Assert.AreEqual(1, curve.At(4), 1e-9);
        Assert.AreEqual(0.5, curve.At(8), 1e-9);
        Assert.AreEqual(0.5 * (1 + Math.Cos(Math.PI * 7 / 8)), curve.At(11), 1e-9);
    }

    [TestMethod]
    public void The_warm_up_takes_half_of_the_training_at_most()
    {
        var curve = new LearningRateCurve(LearningRateSchedule.Constant, peak: 1, warmupEpochs: 9, epochs: 2, stepsPerEpoch: 10);

        Assert.AreEqual(0.9, curve.At(8), 1e-9);
        Assert.AreEqual(1, curve.At(10), 1e-9);
        Assert.AreEqual(1, curve.At(19), 1e-9);
    }

    public static IEnumerable<(LearningRateSchedule Schedule, double[] Expected)> Schedules =>
    [
        // 4 epochs of 2 steps without warm-up: the rates of steps 0, 3, 4 and 7.
        (LearningRateSchedule.Constant, [0.2, 0.2, 0.2, 0.2]),
        (LearningRateSchedule.Step(2, 0.5), [0.2, 0.2, 0.1, 0.1]),
        (LearningRateSchedule.Exponential(0.25), [0.2, 0.2 * 0.125, 0.2 * 0.0625, 0.2 / 128]),
        (LearningRateSchedule.Polynomial(), [0.2, 0.2 * 5 / 8, 0.1, 0.2 / 8]),
        (LearningRateSchedule.Polynomial(2), [0.2, 0.2 * 25 / 64, 0.2 / 4, 0.2 / 64]),
    ];

    /// <summary>
    /// torch 1.13.1: <c>s = lr_scheduler.OneCycleLR(SGD([p], lr=.1, momentum=.9), max_lr=.4, total_steps=10)</c>, then for each step
    /// <c>group['lr'], group['momentum']; s.step()</c>; and <c>OneCycleLR(Adam([p], lr=.1), max_lr=.4, total_steps=8, pct_start=.5,
    /// div_factor=10, final_div_factor=100)</c> with <c>group['betas'][0]</c>.
    /// </summary>
    public static IEnumerable<(LearningRateSchedule Schedule, int Epochs, double[] Rates, double[] Momenta)> Cycles =>
    [
        (LearningRateSchedule.OneCycle(), 5,
            [0.016, 0.208, 0.4, 0.380193852805, 0.32469826158, 0.244504808775, 0.155496791225, 0.0753033384201, 0.0198077471946, 1.6e-06],
            [0.95, 0.9, 0.85, 0.854951556605, 0.868825509907, 0.888873953302, 0.911126046698, 0.931174490093, 0.945048443395, 0.95]),
        (LearningRateSchedule.OneCycle(0.5, 10, 100), 4,
            [0.04, 0.13, 0.31, 0.4, 0.341479934881, 0.2002, 0.0589200651189, 0.0004],
            [0.95, 0.925, 0.875, 0.85, 0.864644660941, 0.9, 0.935355339059, 0.95]),
    ];

    [TestMethod]
    [DynamicData(nameof(Cycles))]
    public void One_cycle_has_the_rates_and_momenta_of_PyTorch(LearningRateSchedule schedule, int epochs, double[] rates, double[] momenta)
    {
        var curve = new LearningRateCurve(schedule, peak: 0.4, warmupEpochs: 1, epochs, stepsPerEpoch: 2);

        for (int step = 0; step < rates.Length; step++)
        {
            Assert.AreEqual(rates[step], curve.At(step), 1e-12, $"rate of step {step}");
            Assert.AreEqual(momenta[step], curve.MomentumAt(step)!.Value, 1e-12, $"momentum of step {step}");
        }
    }

    [TestMethod]
    [DataRow(1, 1.0)]
    [DataRow(3, 1.0)]
    public void A_cycle_of_few_steps_begins_at_its_top(int steps, double first)
    {
        // 30 % of three steps end before the second.
        var curve = new LearningRateCurve(LearningRateSchedule.OneCycle(cycleMomentum: false), peak: 1, warmupEpochs: 0, epochs: steps, stepsPerEpoch: 1);

        Assert.AreEqual(first, curve.At(0), 1e-12);
        Assert.IsNull(curve.MomentumAt(0));
    }

    /// <summary>
    /// torch 1.13.1: <c>s = lr_scheduler.ReduceLROnPlateau(SGD([p], lr=.4), factor=.5, patience=1, threshold=.01)</c>, then for each loss
    /// <c>s.step(loss); group['lr']</c>.
    /// </summary>
    [TestMethod]
    public void A_plateau_lowers_the_rate_as_in_PyTorch()
    {
        double[] losses = [1, 0.995, 0.9, 0.895, 0.8, 0.81, 0.82, 0.83, 0.84, 0.7, double.NaN, 0.71, 0.699];
        double[] rates = [0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05];
        var schedule = LearningRateSchedule.ReduceOnPlateau(factor: 0.5, patience: 1, threshold: 0.01);
        var plateaus = schedule.WatchPlateaus()!;
        // A warm-up of 2 steps; each loss is of an epoch of 2.
        var curve = new LearningRateCurve(schedule, peak: 0.4, warmupEpochs: 1, epochs: losses.Length + 1, stepsPerEpoch: 2, plateaus);
        Assert.AreEqual(0.2, curve.At(0), 1e-12);

        for (int epoch = 0; epoch < losses.Length; epoch++)
        {
            plateaus.Lowers(losses[epoch]);
            Assert.AreEqual(rates[epoch], curve.At(2 * (epoch + 1)), 1e-12, $"after epoch {epoch}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Each_schedule_follows_its_formula(LearningRateSchedule schedule, double[] expected)
    {
        var curve = new LearningRateCurve(schedule, peak: 0.2, warmupEpochs: 0, epochs: 4, stepsPerEpoch: 2);

        var actual = new[] { 0, 3, 4, 7 }.Select(step => curve.At(step)).ToArray();

        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-12);
    }
}
