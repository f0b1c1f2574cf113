using System.Globalization;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How often each class was taken for each; rows are the true classes, columns the predicted ones.</summary>
public sealed class ConfusionMatrix
{
    private readonly string[] _classNames;

    public IReadOnlyList<double> PerClassPrecision { get; }

    public IReadOnlyList<double> PerClassRecall { get; }

    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public int NumberOfClasses => Counts.Count;

    internal ConfusionMatrix(double[][] counts, string[] classNames)
    {
        _classNames = classNames;
        Counts = Array.AsReadOnly(counts.Select(row => (IReadOnlyList<double>)Array.AsReadOnly(row)).ToArray());
        PerClassRecall = Array.AsReadOnly(counts.Select((row, i) => Ratio(row[i], row.Sum())).ToArray());
        PerClassPrecision = Array.AsReadOnly(counts.Select((row, i) => Ratio(row[i], counts.Sum(other => other[i]))).ToArray());
    }

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        CheckIndex(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        CheckIndex(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    /// <summary>The matrix as text, with recall at the right and precision below. Names too long for a column's head are numbered.</summary>
    public string GetFormattedConfusionTable()
    {
        const int CaptionWidth = 9;
        var classCount = NumberOfClasses;
        var columnWidth = classCount == 2 ? 8 : 5;
        var longestName = _classNames.Max(name => name.Length);
        var numbered = longestName > columnWidth;
        var numberWidth = numbered ? (classCount - 1).ToString(CultureInfo.InvariantCulture).Length : 0;
        var captionWidth = Math.Max(CaptionWidth, longestName + (numbered ? numberWidth + 2 : 0));
        var rule = new string('=', classCount * (classCount > 2 ? 8 : 11));

        var text = new StringBuilder();
        text.AppendLine();
        text.AppendLine("Confusion table");
        AppendRow("", rule);
        AppendRow("PREDICTED", string.Concat(_classNames.Select((name, i) => $" {Right(numbered ? i.ToString(CultureInfo.CurrentCulture) : name, columnWidth)} |")) + " Recall");
        AppendRow("TRUTH", rule);
        for (var i = 0; i < classCount; i++)
        {
            var caption = numbered
                ? $"{Right(i.ToString(CultureInfo.CurrentCulture), numberWidth)}. {Right(_classNames[i], captionWidth - numberWidth - 2)}"
                : Right(_classNames[i], captionWidth);
            var counts = string.Concat(Counts[i].Select(count => $" {Right($"{count:N0}", columnWidth)} |"));
            text.AppendLine($"{caption} ||{counts} {PerClassRecall[i],5:F4}");
        }
        AppendRow("", rule);
        AppendRow("Precision", string.Concat(PerClassPrecision.Select(precision => $"{Right($"{precision:N4}", columnWidth + 1)} |")));
        return text.ToString();

        void AppendRow(string caption, string content) => text.AppendLine($"{caption.PadRight(captionWidth)} ||{content}");
        static string Right(string value, int width) => value.PadLeft(width);
    }

    private void CheckIndex(int index, string name) =>
        Contracts.CheckParam(index >= 0 && index < NumberOfClasses, name,
            "Invalid index. Should be non-negative, less than the number of classes.");

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
