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
