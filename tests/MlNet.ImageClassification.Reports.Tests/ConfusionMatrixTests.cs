namespace MlNet.ImageClassification.Reports.Tests;

[TestClass]
public sealed class ConfusionMatrixTests
{
    [TestMethod]
    public void Precision_recall_and_F1_are_those_worked_out_by_hand()
    {
        // Class 0: 3 right, 1 taken for 1. Class 1: 2 right, 2 taken for 0. Class 2: 1, taken for 1. Class 3: none.
        var confusion = Matrix(4, (0, 0, 3), (0, 1, 1), (1, 1, 2), (1, 0, 2), (2, 1, 1));

        Assert.AreEqual(9, confusion.Total);
        Assert.AreEqual(5 / 9.0, confusion.Accuracy, 1e-15);
        Assert.AreEqual(3 / 5.0, confusion.Precision(0)!.Value, 1e-15);
        Assert.AreEqual(3 / 4.0, confusion.Recall(0)!.Value, 1e-15);
        Assert.AreEqual(2 / 3.0, confusion.F1(0)!.Value, 1e-15); // 2 * 0.6 * 0.75 / 1.35
        Assert.AreEqual(2 / 4.0, confusion.Precision(1)!.Value, 1e-15);
        Assert.AreEqual(2 / 4.0, confusion.Recall(1)!.Value, 1e-15);
        Assert.AreEqual(4, confusion.Support(1));
        Assert.AreEqual(4, confusion.Mistakes(1)); // 2 taken for 0, and 1 of 0 and 1 of 2 taken for it
        // Class 2 was never predicted: its precision is not known, its recall and F1 are 0.
        Assert.IsNull(confusion.Precision(2));
        Assert.AreEqual(0.0, confusion.Recall(2));
        Assert.AreEqual(0.0, confusion.F1(2));
        // Of class 3 nothing is known.
        Assert.IsNull(confusion.Precision(3));
        Assert.IsNull(confusion.Recall(3));
        Assert.IsNull(confusion.F1(3));
    }

    [TestMethod]
    public void Classes_that_are_not_shown_are_one_row_and_one_column()
    {
        var confusion = Matrix(5, (0, 0, 1), (0, 4, 2), (4, 0, 4), (3, 4, 8), (2, 0, 16), (2, 2, 32));

        var counts = confusion.Among([2, 0]);

        CollectionAssert.AreEqual(new long[,] { { 32, 16, 0 }, { 0, 1, 2 }, { 0, 4, 8 } }, counts);
    }

    [TestMethod]
    public void The_most_frequent_confusion_comes_first()
    {
        var confusion = Matrix(3, (0, 1, 2), (2, 1, 5), (1, 1, 9), (1, 0, 2));

        CollectionAssert.AreEqual(new[] { (2, 1, 5L), (0, 1, 2L), (1, 0, 2L) }, confusion.Confusions.ToArray());
    }

    private static ConfusionMatrix Matrix(int classes, params (int Truth, int Predicted, int Count)[] counts)
    {
        var confusion = new ConfusionMatrix(classes);
        foreach (var (truth, predicted, count) in counts)
            for (int i = 0; i < count; i++)
                confusion.Add(truth, predicted);
        return confusion;
    }
}
