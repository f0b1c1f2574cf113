using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    /// <summary>Keeps data in memory, so that it is computed once; columns such as images are left out.</summary>
    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        _environment.CheckValue(input, nameof(input));
        return new CacheView(_environment, input, columnsToPrefetch);
    }

    public IDataView ShuffleRows(IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        _environment.CheckValue(input, nameof(input));
        _environment.CheckUserArg(shufflePoolSize > 0, nameof(shufflePoolSize), "Must be positive");
        return new ShuffleView(_environment, input, seed, shufflePoolSize, shuffleSource);
    }

    public IDataView SkipRows(IDataView input, long count)
    {
        _environment.CheckValue(input, nameof(input));
        _environment.CheckUserArg(count > 0, nameof(count), "Must be greater than zero.");
        return new SkipTakeView(_environment, input, skip: count);
    }

    public IDataView TakeRows(IDataView input, long count)
    {
        _environment.CheckValue(input, nameof(input));
        _environment.CheckUserArg(count > 0, nameof(count), "Must be greater than zero.");
        return new SkipTakeView(_environment, input, take: count);
    }

    /// <summary>Splits rows at random, or by a column whose equal values must stay together.</summary>
    public TrainTestData TrainTestSplit(
        IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        _environment.CheckValue(data, nameof(data));
        _environment.CheckParam(
            0 < testFraction && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        var sampler = RowSampler.Create(_environment, data, samplingKeyColumnName, seed);
        return Split(_environment, data, sampler, value => value >= 0 && value < testFraction);
    }

    /// <summary>Each of the folds is the test set of one split, and in the training set of the others.</summary>
    internal static IEnumerable<TrainTestData> SplitIntoFolds(
        IHostEnvironment environment, IDataView data, int numberOfFolds, string samplingKeyColumnName, int? seed)
    {
        var sampler = RowSampler.Create(environment, data, samplingKeyColumnName, seed);
        for (int fold = 0; fold < numberOfFolds; fold++)
        {
            double min = (double)fold / numberOfFolds;
            double max = (double)(fold + 1) / numberOfFolds;
            yield return Split(environment, data, sampler, value => value >= min && value <= max);
        }
    }

    private static TrainTestData Split(
        IHostEnvironment environment, IDataView data, RowSampler sampler, Func<double, bool> isTest) =>
        new(new SplitView(environment, data, sampler, value => !isTest(value)), new SplitView(environment, data, sampler, isTest));

    public struct TrainTestData
    {
        public readonly IDataView TrainSet;
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }
}
