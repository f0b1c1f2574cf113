using System.Globalization;
using System.Text.RegularExpressions;

namespace MlNet.ImageClassification.Reports.Tests;

[TestClass]
public sealed partial class ChartTests
{
    [TestMethod]
    public void A_curve_from_zero_stays_8_percent_below_the_upper_edge_however_alike_its_values_are()
    {
        string svg = Chart.OverEpochs(
            "speed", "images per second", [new ChartLine("speed", [(1, 911), (2, 985), (3, 930)])], value => $"{value:0}", fromZero: true).ToString()!;

        var plot = Plot().Match(svg);
        var (top, height) = (Number(plot, "top"), Number(plot, "height"));
        string curve = svg[plot.Index..svg.IndexOf("</g>", plot.Index, StringComparison.Ordinal)];
        double highest = Point().Matches(curve).Min(point => Number(point, "y"));
        Assert.AreEqual(top + height * (1 - 1 / 1.08), highest, 0.01);

        static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    // The area of the curves is the second that is clipped, after that of the axes.
    [GeneratedRegex("""speed-clip2">\s*<rect x="\S+" y="(?<top>\S+)" width="\S+" height="(?<height>\S+)" />""")]
    private static partial Regex Plot();

    [GeneratedRegex("(?<x>[0-9.]+),(?<y>[0-9.]+)")]
    private static partial Regex Point();
}
