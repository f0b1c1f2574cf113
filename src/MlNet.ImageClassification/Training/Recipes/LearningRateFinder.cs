using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// The learning-rate range test: one step after another at a rising rate, and what becomes of the loss. (Smith, Cyclical Learning Rates,
/// arXiv 1506.01186, section 3.3; the exponential rise and the rule of the steepest descent as in fast.ai's finder.)
/// </summary>
/// <param name="setup">The network, which is trained, and what to train it on.</param>
/// <param name="search">The rates.</param>
internal sealed class LearningRateFinder(TrainingSetup setup, LearningRateSearch search)
{
    private const double Smoothing = 0.9;
    private const double DivergedAt = 4;
    private const double SmallestFall = 0.01;
    private const int Reports = 10;

    private readonly List<double> _rates = [];
    private readonly List<double> _losses = [];
    private double _mean;
    private double _lowest = double.PositiveInfinity;

    /// <summary>Tries the rates.</summary>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public LearningRateSearchResult Run()
    {
        var log = setup.Log;
        log.Info(FormattableString.Invariant(
            $"Searching the learning rate from {search.LowestRate:g3} to {search.HighestRate:g3} in {search.Steps} steps."));
        bool diverged = !TryAll();
        var suggestion = Suggest(_rates, _losses);
        if (suggestion is double rate)
            log.Info(FormattableString.Invariant($"The loss falls the most steeply at a learning rate of {rate:g3}."));
        else
            log.Warning(FormattableString.Invariant(
                $"The loss does not fall at any learning rate from {search.LowestRate:g3} to {_rates.LastOrDefault(search.LowestRate):g3}. Check images and labels, or take more {nameof(search.Steps)} ({search.Steps})."));
        return new LearningRateSearchResult(_rates, _losses, suggestion, diverged);
    }

    /// <summary>The rate of the steepest descent; null where the loss does not fall.</summary>
    /// <param name="rates">Rising.</param>
    /// <param name="losses">The smoothed loss at each.</param>
    internal static double? Suggest(IReadOnlyList<double> rates, IReadOnlyList<double> losses)
    {
        int first = Math.Max(1, losses.Count / 10);
        if (losses.Count <= first + 1)
            return null;
        int lowest = Enumerable.Range(first, losses.Count - first).MinBy(i => losses[i]);
        if (!(losses[lowest] < losses[first] * (1 - SmallestFall)))
            return null;
        return rates[Enumerable.Range(first, lowest - first).MinBy(Slope)];

        double Slope(int i) => (losses[i + 1] - losses[i - 1]) / Math.Log(rates[i + 1] / rates[i - 1]);
    }

    /// <summary>False when the loss diverges.</summary>
    private bool TryAll()
    {
        var (network, options, target) = (setup.Network, setup.Options, setup.Target);
        var recipe = options.Recipe;
        using var preprocessing = new Preprocessing(setup.Model.Normalization, target.Device);
        using var loader = new DataLoader(setup.Data.Training, setup.BatchSize, target.Device, setup.Data.Weights);
        var groups = ParameterGroup.Of(network, recipe.BackboneLearningRate, recipe.LayerwiseLearningRateDecay);
        using var optimizer = recipe.Optimizer.Create(groups);
        var step = new TrainingStep(
            setup, preprocessing, new ImageSizeSchedule(1, 1, setup.Data.Layout.Shape), groups, optimizer,
            new LossScaler(target.Type == ScalarType.Float16));
        var random = new Random(options.Seed!.Value);

        network.train();
        new Freezing(epochs: 0, recipe.FreezeNormStatistics).OnEpochStart(new TrainingContext(network, network, 1, setup.Log), epoch: 1);
        while (true)
            foreach (var batch in loader.Pass(random.Next(), options.CancellationToken))
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                double rate = search.RateOf(_rates.Count);
                using var tally = step.Run(batch, epoch: 1, rate, random);
                double loss = BatchTally.Read(tally).Loss / batch.Count;
                batch.Release();
                if (!Note(rate, loss))
                    return false;
                if (_rates.Count == search.Steps)
                    return true;
            }
    }

    private bool Note(double rate, double loss)
    {
        if (!double.IsFinite(loss))
            return false;
        _mean = Smoothing * _mean + (1 - Smoothing) * loss;
        double smoothed = _mean / (1 - Math.Pow(Smoothing, _rates.Count + 1));
        _rates.Add(rate);
        _losses.Add(smoothed);
        _lowest = Math.Min(_lowest, smoothed);
        if (_rates.Count * Reports / search.Steps > (_rates.Count - 1) * Reports / search.Steps)
            setup.Log.Info(FormattableString.Invariant($"Step {_rates.Count} of {search.Steps}: learning rate {rate:g3}, loss {smoothed:f4}."));
        return smoothed <= DivergedAt * _lowest;
    }
}
