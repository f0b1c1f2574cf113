using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>Splitting labelled rows so that every class keeps its share.</summary>
public static class StratifiedSplit
{
    /// <summary>
    /// Splits rows into a training and a test set class by class: of each class with n rows, n x
    /// <paramref name="testFraction"/> rows, rounded, go to the test set, but at least one row to each set where the class
    /// has two. The rows keep their order. One pass reads the labels now; the rest is read when the sets are.
    /// </summary>
    /// <param name="catalog">mlContext.Data.</param>
    /// <param name="data">The rows. Their row ids must differ, as those of a data source and of row-to-row transforms do.</param>
    /// <param name="testFraction">Share of the test set: above 0, below 1.</param>
    /// <param name="labelColumnName">The class: a key of UInt32 or a text. Rows with a missing label count as one class.</param>
    /// <param name="seed">The same seed gives the same split; null gives another one each time.</param>
    /// <returns>The training and the test set, both with all columns of <paramref name="data"/>.</returns>
    /// <exception cref="ArgumentException">The label column is missing or neither key nor text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or two rows have the same id.</exception>
    public static (IDataView TrainSet, IDataView TestSet) TrainTestSplitByClass(
        this DataOperationsCatalog catalog,
        IDataView data,
        double testFraction = 0.1,
        string labelColumnName = "Label",
        int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        if (testFraction is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(testFraction), testFraction, "The share of the test set must be above 0 and below 1.");
        }

        DataViewSchema.Column label = ClassLabels.Require(data, labelColumnName);
        SortedDictionary<string, List<DataViewRowId>> classes = label.Type switch
        {
            KeyDataViewType when label.Type.RawType == typeof(uint) => RowsByClass<uint>(data, label),
            TextDataViewType => RowsByClass<ReadOnlyMemory<char>>(data, label),
            _ => throw new ArgumentException(
                $"Column '{labelColumnName}' is {label.Type}; a class is a key of UInt32 or a text.", nameof(labelColumnName)),
        };

        Random random = seed is { } number ? new Random(number) : new Random();
        var test = new HashSet<DataViewRowId>();
        int rows = 0;
        foreach (List<DataViewRowId> ids in classes.Values)
        {
            DataViewRowId[] shuffled = [.. ids];
            random.Shuffle(shuffled);
            test.UnionWith(shuffled.AsSpan(0, TestRows(ids.Count, testFraction)).ToArray());
            rows += ids.Count;
        }

        return (new RowFilterView(data, test, keep: false, rows - test.Count), new RowFilterView(data, test, keep: true, test.Count));
    }

    private static int TestRows(int rows, double testFraction)
    {
        var share = (int)Math.Round(rows * testFraction, MidpointRounding.AwayFromZero);
        return rows < 2 ? 0 : Math.Clamp(share, 1, rows - 1);
    }

    private static SortedDictionary<string, List<DataViewRowId>> RowsByClass<T>(IDataView data, DataViewSchema.Column label)
    {
        var classes = new SortedDictionary<string, List<DataViewRowId>>(StringComparer.Ordinal);
        var seen = new HashSet<DataViewRowId>();
        using DataViewRowCursor cursor = data.GetRowCursor([label]);
        ValueGetter<T> getLabel = cursor.GetGetter<T>(label);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        T value = default!;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getLabel(ref value);
            getId(ref id);
            if (!seen.Add(id))
            {
                throw new InvalidDataException(
                    $"Row {cursor.Position} has the id of an earlier row, so the rows cannot be told apart. " +
                    "Split before the transform that repeats rows.");
            }

            string name = value!.ToString()!;
            if (!classes.TryGetValue(name, out List<DataViewRowId>? rows))
                classes.Add(name, rows = []);
            rows.Add(id);
        }

        return seen.Count > 0 ? classes : throw new InvalidDataException("The data has no rows, so there is nothing to split.");
    }
}
