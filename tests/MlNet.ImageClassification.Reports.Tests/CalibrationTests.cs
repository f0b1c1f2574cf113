namespace MlNet.ImageClassification.Reports.Tests;

[TestClass]
public sealed class CalibrationTests
{
    [TestMethod]
    public void The_errors_are_those_worked_out_by_hand()
    {
        var calibration = new Calibration();
        // 4 answers at 0.9, in the bin (13/15, 14/15]: 3 right, 0.15 from what they say.
        foreach (bool isRight in new[] { true, true, true, false })
            calibration.Add(0.9, isRight);
        // 2 in the bin (8/15, 9/15]: mean 0.56, 1 right, 0.06 from what they say.
        calibration.Add(0.55, true);
        calibration.Add(0.57, false);

        Assert.AreEqual((4 * 0.15 + 2 * 0.06) / 6, calibration.ExpectedError, 1e-12);
        Assert.AreEqual(0.15, calibration.MaximumError, 1e-12);
        Assert.AreEqual((3.6 + 1.12) / 6, calibration.MeanConfidence, 1e-12);
    }

    [TestMethod]
    [DataRow(0.0, 0)]
    [DataRow(1e-3, 0)]
    [DataRow(1 / 15.0, 0)]
    [DataRow(1 / 15.0 + 1e-4, 1)]
    [DataRow(1 / 3.0, 4)] // the upper bound belongs to a bin
    [DataRow((double)(1 / 3f), 4)] // in single precision above a third
    [DataRow(0.5, 7)]
    [DataRow(1.0, 14)]
    [DataRow(1 + 1e-7, 14)]
    public void A_bin_has_its_upper_bound_and_not_its_lower_one(double confidence, int bin)
    {
        var calibration = new Calibration();

        calibration.Add(confidence, true);

        Assert.AreEqual(bin, calibration.Bins.Select((b, i) => (b.Count, i)).Single(b => b.Count == 1).i);
    }

    [TestMethod]
    public void A_model_that_is_right_as_often_as_it_says_has_no_error()
    {
        var calibration = new Calibration();
        for (int i = 0; i < 10; i++)
            calibration.Add(0.8, i < 8);
        for (int i = 0; i < 10; i++)
            calibration.Add(0.3, i < 3);

        Assert.AreEqual(0, calibration.ExpectedError, 1e-12);
    }
}
