using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class ConfusionMatrixTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Prediction
    {
        public float Label;
        public float First;
        public float Second;
        public float Third;
    }

    /// <summary>Pairs of true and predicted class; the score columns take the given names.</summary>
    private ConfusionMatrix Matrix(string[] names, params (int Actual, int Predicted)[] pairs)
    {
        var rows = pairs.Select(pair => new Prediction
        {
            Label = pair.Actual,
            First = pair.Predicted == 0 ? 0.8f : 0.1f,
            Second = pair.Predicted == 1 ? 0.8f : 0.1f,
            Third = pair.Predicted == 2 ? 0.8f : 0.1f,
        });
        var data = _ml.Data.LoadFromEnumerable(rows);
        string[] columns = ["First", "Second", "Third"];
        for (int i = 0; i < names.Length; i++)
            data = _ml.Transforms.CopyColumns(names[i], columns[i]).Fit(data).Transform(data);
        // Scalar columns lend their names to the slots, which are the classes' names.
        var scored = _ml.Transforms.Concatenate("Score", names).Fit(data).Transform(data);
        return _ml.MulticlassClassification.Evaluate(scored, predictedLabelColumnName: "Label").ConfusionMatrix;
    }

    private static (int, int)[] Repeat(int times, int actual, int predicted) =>
        Enumerable.Repeat((actual, predicted), times).ToArray();

    [TestMethod]
    public void Rows_are_the_true_classes()
    {
        var matrix = Matrix(["a", "b", "c"], [.. Repeat(4, 0, 0), .. Repeat(1, 0, 1), .. Repeat(3, 1, 1), .. Repeat(2, 2, 1)]);

        Assert.AreEqual(3, matrix.NumberOfClasses);
        CollectionAssert.AreEqual(new double[] { 4, 1, 0 }, matrix.Counts[0].ToArray());
        CollectionAssert.AreEqual(new double[] { 0, 3, 0 }, matrix.Counts[1].ToArray());
        CollectionAssert.AreEqual(new double[] { 0, 2, 0 }, matrix.Counts[2].ToArray());
        CollectionAssert.AreEqual(new[] { 0.8, 1, 0 }, matrix.PerClassRecall.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 0.5, 0 }, matrix.PerClassPrecision.ToArray());
        Assert.AreEqual(2, matrix.GetCountForClassPair(predictedClassIndicatorIndex: 1, actualClassIndicatorIndex: 2));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(3, 0)).Message,
            "Invalid index. Should be non-negative, less than the number of classes.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(0, -1));
    }

    [TestMethod]
    public void The_table_shows_counts_recall_and_precision()
    {
        var matrix = Matrix(["a", "b", "c"], [.. Repeat(4, 0, 0), .. Repeat(1, 0, 1), .. Repeat(3, 1, 1), .. Repeat(2, 2, 1)]);

        Assert.AreEqual(
            """

            Confusion table
                      ||========================
            PREDICTED ||     a |     b |     c | Recall
            TRUTH     ||========================
                    a ||     4 |     1 |     0 | 0.8000
                    b ||     0 |     3 |     0 | 1.0000
                    c ||     0 |     2 |     0 | 0.0000
                      ||========================
            Precision ||1.0000 |0.5000 |0.0000 |

            """.ReplaceLineEndings(),
            matrix.GetFormattedConfusionTable());
    }

    [TestMethod]
    public void Names_too_long_for_a_column_are_numbered_and_thousands_are_grouped()
    {
        var matrix = Matrix(["airplane", "automobile", "ship"], [.. Repeat(1234, 0, 0), .. Repeat(1, 1, 2)]);

        Assert.AreEqual(
            """

            Confusion table
                          ||========================
            PREDICTED     ||     0 |     1 |     2 | Recall
            TRUTH         ||========================
            0.   airplane || 1,234 |     0 |     0 | 1.0000
            1. automobile ||     0 |     0 |     1 | 0.0000
            2.       ship ||     0 |     0 |     0 | 0.0000
                          ||========================
            Precision     ||1.0000 |0.0000 |0.0000 |

            """.ReplaceLineEndings(),
            matrix.GetFormattedConfusionTable());
    }

    [TestMethod]
    public void Two_classes_have_wider_columns()
    {
        var matrix = Matrix(["cat", "dog"], [.. Repeat(3, 0, 0), .. Repeat(1, 0, 1), .. Repeat(2, 1, 1)]);

        Assert.AreEqual(
            """

            Confusion table
                      ||======================
            PREDICTED ||      cat |      dog | Recall
            TRUTH     ||======================
                  cat ||        3 |        1 | 0.7500
                  dog ||        0 |        2 | 1.0000
                      ||======================
            Precision ||   1.0000 |   0.6667 |

            """.ReplaceLineEndings(),
            matrix.GetFormattedConfusionTable());
    }
}
