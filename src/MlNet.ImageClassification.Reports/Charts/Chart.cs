using System.Globalization;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MlNet.ImageClassification.Reports;

/// <summary>A line of a chart; places without a value are left out.</summary>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double? Y)> Points);

/// <summary>Draws charts as SVG inside a page, whose colors are variables of the page's style sheet: one for light, one for dark.</summary>
internal static partial class Chart
{
    // On a phone a chart is as wide as this, so that its letters are as large as they are here.
    private const double Width = 350;
    private const double Height = 210;
    private const int MostMarkers = 25;
    private const double FontSize = 12;
    private const double Padding = 0.08;

    // OxyPlot measures letters of another font than the reader's browser takes.
    private const double LabelWidth = 46;

    // OxyPlot knows no variables: each color stands for one.
    private static readonly OxyColor Text = OxyColor.FromRgb(1, 2, 3);
    private static readonly OxyColor Grid = OxyColor.FromRgb(1, 2, 4);
    private static readonly OxyColor[] Lines = [OxyColor.FromRgb(1, 2, 5), OxyColor.FromRgb(1, 2, 6)];

    private static readonly Dictionary<string, string> Variables = new()
    {
        ["rgb(1,2,3)"] = "var(--muted)",
        ["rgb(1,2,4)"] = "var(--line)",
        ["rgb(1,2,5)"] = "var(--first)",
        ["rgb(1,2,6)"] = "var(--second)",
    };

    /// <summary>Lines over the epochs.</summary>
    /// <param name="id">Tells this chart from others of the page.</param>
    /// <param name="description">What a reader who cannot see it is told.</param>
    /// <param name="lines">At most two.</param>
    /// <param name="label">Writes a value of the vertical axis.</param>
    /// <param name="fromZero">Whether the vertical axis begins at 0.</param>
    public static Markup OverEpochs(string id, string description, IReadOnlyList<ChartLine> lines, Func<double, string> label, bool fromZero)
    {
        var xs = lines.SelectMany(line => line.Points).Select(point => point.X).ToArray();
        // The axis' own padding is a share of what lies between the values, which is next to nothing where they are alike.
        double? highest = lines.SelectMany(line => line.Points).Max(point => point.Y);
        var model = Model(
            Axis(AxisPosition.Bottom, xs.Min() - 0.5, xs.Max() + 0.5, x => x.ToString("0", CultureInfo.InvariantCulture)),
            Axis(AxisPosition.Left, fromZero ? 0 : double.NaN, fromZero && highest > 0 ? highest.Value * (1 + Padding) : double.NaN, label));
        model.Axes[0].MinimumMajorStep = 1;
        for (int i = 0; i < lines.Count; i++)
        {
            var series = new LineSeries
            {
                Color = Lines[i],
                StrokeThickness = 2,
                LineStyle = i == 0 ? LineStyle.Solid : LineStyle.Dash,
                MarkerType = xs.Length / lines.Count > MostMarkers ? MarkerType.None : i == 0 ? MarkerType.Circle : MarkerType.Square,
                MarkerFill = Lines[i],
                MarkerSize = 3,
            };
            series.Points.AddRange(lines[i].Points
                .Where(point => point.Y is double y && double.IsFinite(y)).Select(point => new DataPoint(point.X, point.Y!.Value)));
            model.Series.Add(series);
        }
        return Draw(model, id, description);
    }

    /// <summary>A reliability diagram: bars of accuracy over confidence, beside the line on which they would stand.</summary>
    public static Markup Reliability(string id, string description, Calibration calibration)
    {
        Func<double, string> percent = share => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");
        var model = Model(Axis(AxisPosition.Bottom, 0, 1, percent), Axis(AxisPosition.Left, 0, 1, percent));
        var bars = new RectangleBarSeries { FillColor = Lines[0], StrokeThickness = 0 };
        foreach (var bin in calibration.Bins.Where(bin => bin.Count > 0))
            bars.Items.Add(new RectangleBarItem(bin.From + 0.004, 0, bin.To - 0.004, bin.Accuracy));
        var ideal = new LineSeries { Color = Lines[1], StrokeThickness = 2, LineStyle = LineStyle.Dash };
        ideal.Points.AddRange([new DataPoint(0, 0), new DataPoint(1, 1)]);
        model.Series.Add(bars);
        model.Series.Add(ideal);
        return Draw(model, id, description);
    }

    private static PlotModel Model(params Axis[] axes)
    {
        var model = new PlotModel
        {
            DefaultFont = "sans-serif",
            DefaultFontSize = FontSize,
            TextColor = Text,
            Background = OxyColors.Transparent,
            PlotAreaBorderThickness = new OxyThickness(0, 0, 0, 1),
            PlotAreaBorderColor = Text,
            Padding = new OxyThickness(2, 6, 14, 2),
            PlotMargins = new OxyThickness(LabelWidth, double.NaN, double.NaN, double.NaN),
        };
        foreach (var axis in axes)
            model.Axes.Add(axis);
        return model;
    }

    private static LinearAxis Axis(AxisPosition position, double minimum, double maximum, Func<double, string> label) => new()
    {
        Position = position,
        Minimum = minimum,
        Maximum = maximum,
        LabelFormatter = label,
        MaximumPadding = Padding,
        MinimumPadding = Padding,
        TickStyle = TickStyle.None,
        AxisTickToLabelDistance = 4,
        IntervalLength = position == AxisPosition.Bottom ? 50 : 40,
        MajorGridlineStyle = position == AxisPosition.Left ? LineStyle.Solid : LineStyle.None,
        MajorGridlineColor = Grid,
        TicklineColor = Text,
        MinorTicklineColor = Text,
    };

    private static Markup Draw(PlotModel model, string id, string description)
    {
        var exporter = new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true };
        string svg = exporter.ExportToString(model);
        // A width would hold against the page's, and the ids of one chart are also those of the next.
        svg = OpeningTag().Replace(
            svg[svg.IndexOf("<svg", StringComparison.Ordinal)..],
            string.Create(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Escape(description)}\">"), 1);
        svg = ClipId().Replace(svg, $"{id}-clip$1");
        svg = svg.Replace(" font-family=\"sans-serif\"", "");
        foreach (var (color, variable) in Variables)
            svg = svg.Replace($"fill=\"{color}\"", $"style=\"fill:{variable}\"").Replace(color, variable);
        return new Markup(svg);
    }

    [GeneratedRegex("<svg[^>]*>")]
    private static partial Regex OpeningTag();

    [GeneratedRegex(@"clipPath(\d+)\b")]
    private static partial Regex ClipId();
}
