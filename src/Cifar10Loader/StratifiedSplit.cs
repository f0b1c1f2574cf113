using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>Splitting labeled rows so that every class keeps its share.</summary>
public static class StratifiedSplit
{
    /// <summary>
    /// Splits rows into a training and a test set class by class. Of a class with n rows, n x
    /// <paramref name="testFraction"/> rows go to the test set, rounded down or up so that the classes together come
    /// closest to the share of all rows (the largest remainder method), but at least one row to each set where the class
    /// has two. So with many small classes the test set is larger than its share: of 50 classes with 4 rows each, 0.1
    /// takes one row each, 50 in all. A class of one row goes to the training set. The rows keep their order. One pass
    /// reads the labels now; the rest is read when the sets are.
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
        (List<DataViewRowId> ids, List<string> classes) = label.Type switch
        {
            KeyDataViewType when label.Type.RawType == typeof(uint) => ReadRows<uint>(data, label),
            TextDataViewType => ReadRows<ReadOnlyMemory<char>>(data, label),
            _ => throw new ArgumentException(
                $"Column '{labelColumnName}' is {label.Type}; a class is a key of UInt32 or a text.", nameof(labelColumnName)),
        };

        string[] names = [.. classes.Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> numbers = names.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        bool[] held = StratifiedDraw.HeldOut(
            [.. classes.Select(name => numbers[name])], names.Length, testFraction, seed ?? Random.Shared.Next());

        HashSet<DataViewRowId> test = [.. ids.Where((_, row) => held[row])];
        return (
            new RowFilterView(data, test, keep: false, ids.Count - test.Count),
            new RowFilterView(data, test, keep: true, test.Count));
    }

    private static (List<DataViewRowId> Ids, List<string> Classes) ReadRows<T>(IDataView data, DataViewSchema.Column label)
    {
        var ids = new List<DataViewRowId>();
        var classes = new List<string>();
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

            ids.Add(id);
            classes.Add(value!.ToString()!);
        }

        return ids.Count > 0 ? (ids, classes) : throw new InvalidDataException("The data has no rows, so there is nothing to split.");
    }
}
