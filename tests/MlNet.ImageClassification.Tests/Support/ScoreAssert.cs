namespace MlNet.ImageClassification.Tests;

internal static class ScoreAssert
{
    public static void AreSame(Prediction[] expected, Prediction[] actual, float tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
            for (int i = 0; i < expected[row].Scores.Length; i++)
                Assert.AreEqual(expected[row].Scores[i], actual[row].Scores[i], Math.Max(tolerance, TestDevice.Tolerance));
    }
}
