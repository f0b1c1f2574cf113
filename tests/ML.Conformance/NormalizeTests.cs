using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class NormalizeTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public float Value;
        public double Precise;

        [VectorType(2, 1, 2)]
        public float[] Image = [];

        public float[] Loose = [];
        public string Text = "";
    }

    public sealed class Normalized
    {
        public float Value;
    }

    // Slots of Image: 0 to 4; always 7; -1, 1, 3; with NaN.
    private static readonly Row[] s_rows =
    [
        new() { Value = 1, Precise = 1, Image = [0, 7, -1, float.NaN] },
        new() { Value = 2, Precise = 2, Image = [2, 7, 1, 1] },
        new() { Value = 6, Precise = 6, Image = [4, 7, 3, 3] },
    ];

    private IDataView Data => _ml.Data.LoadFromEnumerable(s_rows);

    private static void AssertClose(double[] expected, IEnumerable<double> actual)
    {
        double[] values = [.. actual];
        Assert.HasCount(expected.Length, values);
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(expected[i]))
                Assert.IsTrue(double.IsNaN(values[i]));
            else
                Assert.AreEqual(expected[i], values[i], 1e-6, $"item {i}");
        }
    }

    private static double[][] Images(IDataView data) =>
        [.. data.GetColumn<float[]>("Image").Select(image => Array.ConvertAll(image, value => (double)value))];

    [TestMethod]
    public void Min_max_divides_by_the_largest_size_where_zero_is_fixed()
    {
        var data = _ml.Transforms.NormalizeMinMax("Out", "Value").Append(_ml.Transforms.NormalizeMinMax("Image")).Fit(Data).Transform(Data);

        AssertClose([1 / 6.0, 2 / 6.0, 1], data.GetColumn<float>("Out").Select(value => (double)value));
        AssertClose([0, 0, -1 / 3.0, double.NaN], Images(data)[0]);
        AssertClose([1, 0, 1, 1], Images(data)[2]);
    }

    [TestMethod]
    public void Min_max_maps_to_zero_to_one_where_zero_is_free()
    {
        var data = _ml.Transforms.NormalizeMinMax("Value", fixZero: false)
            .Append(_ml.Transforms.NormalizeMinMax("Precise", fixZero: false))
            .Append(_ml.Transforms.NormalizeMinMax("Image", fixZero: false)).Fit(Data).Transform(Data);

        AssertClose([0, 0.2, 1], data.GetColumn<float>("Value").Select(value => (double)value));
        AssertClose([0, 0.2, 1], data.GetColumn<double>("Precise"));
        AssertClose([0.5, 0, 0.5, 0], Images(data)[1]);
    }

    [TestMethod]
    public void Mean_variance_divides_by_the_root_mean_square_where_zero_is_fixed()
    {
        var data = _ml.Transforms.NormalizeMeanVariance("Value").Append(_ml.Transforms.NormalizeMeanVariance("Image")).Fit(Data).Transform(Data);

        double rootMeanSquare = Math.Sqrt((1 + 4 + 36) / 3.0);
        AssertClose([1 / rootMeanSquare, 2 / rootMeanSquare, 6 / rootMeanSquare], data.GetColumn<float>("Value").Select(value => (double)value));
        // NaN is not counted: the last slot's mean square is (1 + 9) / 2.
        AssertClose([2 / Math.Sqrt(20 / 3.0), 0, 1 / Math.Sqrt(11 / 3.0), 1 / Math.Sqrt(5)], Images(data)[1]);
    }

    [TestMethod]
    public void Mean_variance_centers_and_scales_where_zero_is_free()
    {
        var data = _ml.Transforms.NormalizeMeanVariance("Value", fixZero: false)
            .Append(_ml.Transforms.NormalizeMeanVariance("Precise", fixZero: false)).Fit(Data).Transform(Data);

        // Mean 3, population variance (4 + 1 + 9) / 3.
        double deviation = Math.Sqrt(14 / 3.0);
        double[] expected = [-2 / deviation, -1 / deviation, 3 / deviation];
        AssertClose(expected, data.GetColumn<float>("Value").Select(value => (double)value));
        AssertClose(expected, data.GetColumn<double>("Precise"));
    }

    [TestMethod]
    public void Mean_variance_can_give_probabilities()
    {
        var model = _ml.Transforms.NormalizeMeanVariance("Precise", useCdf: true)
            .Append(_ml.Transforms.NormalizeMeanVariance("Image", useCdf: true)).Fit(Data);

        // Normal probabilities of -0.92582, -0.46291 and 1.38873, with the error function by Winitzki's approximation:
        // erf(x) = sign(x) sqrt(1 - exp(-x^2 (4 / pi + a x^2) / (1 + a x^2))), a = 0.147. True are 0.17727, 0.32171, 0.91754.
        double[] expected = [0.1773107, 0.3217260, 0.9175263];
        AssertClose(expected, model.Transform(Data).GetColumn<double>("Precise"));
        var loaded = _ml.SaveAndLoad(model, Data.Schema).Transform(Data);
        AssertClose(expected, loaded.GetColumn<double>("Precise"));
        AssertClose(Images(model.Transform(Data))[2], Images(loaded)[2]);
        AssertClose([0.5, 0], Images(loaded)[1].Take(2));
    }

    [TestMethod]
    public void Dimensions_stay_and_the_column_says_that_it_is_normalized()
    {
        var data = _ml.Transforms.NormalizeMeanVariance("Out", "Image").Fit(Data).Transform(Data);

        Assert.AreEqual("Out: Vector<Single, 2, 1, 2> {IsNormalized}", data.Schema["Out"].ToString());
        var shape = _ml.Transforms.NormalizeMinMax("Out", "Image").GetOutputSchema(Shapes.Of(_ml, Data));
        Assert.AreEqual("IsNormalized", shape.Single(column => column.Name == "Out").Annotations.Single().Name);
    }

    [TestMethod]
    public void Learning_can_be_limited_to_the_first_rows()
    {
        var data = _ml.Transforms.NormalizeMinMax("Value", maximumExampleCount: 2).Fit(Data).Transform(Data);

        AssertClose([0.5, 1, 3], data.GetColumn<float>("Value").Select(value => (double)value));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.NormalizeMinMax("Value", maximumExampleCount: 1)).Message,
            "Must be greater than 1");
    }

    [TestMethod]
    public void Normalizers_survive_saving_and_loading_and_predict_row_by_row()
    {
        var model = _ml.Transforms.NormalizeMeanVariance("Value", fixZero: false)
            .Append(_ml.Transforms.NormalizeMinMax("Precise")).Append(_ml.Transforms.NormalizeMinMax("Image", fixZero: false)).Fit(Data);
        var loaded = _ml.SaveAndLoad(model, Data.Schema);
        var (expected, actual) = (model.Transform(Data), loaded.Transform(Data));

        Assert.AreEqual(expected.Schema["Image"].ToString(), actual.Schema["Image"].ToString());
        CollectionAssert.AreEqual(expected.GetColumn<float>("Value").ToArray(), actual.GetColumn<float>("Value").ToArray());
        CollectionAssert.AreEqual(expected.GetColumn<double>("Precise").ToArray(), actual.GetColumn<double>("Precise").ToArray());
        CollectionAssert.AreEqual(expected.GetColumn<float[]>("Image").Last(), actual.GetColumn<float[]>("Image").Last());
        using var engine = _ml.Model.CreatePredictionEngine<Row, Normalized>(loaded);
        Assert.AreEqual(0, engine.Predict(new Row { Value = 3, Image = new float[4] }).Value, 1e-6);
    }

    [TestMethod]
    public void Only_reals_of_known_size_can_be_normalized()
    {
        foreach (string column in new[] { "Text", "Loose" })
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.NormalizeMinMax(column).Fit(Data)).Message,
                "Expected: Single, Double, Vector of Single or Vector of Double.");
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.NormalizeMinMax(column).GetOutputSchema(Shapes.Of(_ml, Data)));
        }
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.NormalizeMinMax("Nope").Fit(Data)).Message,
            "Could not find input column 'Nope'");
    }
}
