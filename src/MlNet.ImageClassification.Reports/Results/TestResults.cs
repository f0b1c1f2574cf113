using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Reports;

/// <summary>What a model answers on test data, read in one pass.</summary>
internal sealed class TestResults
{
    public const int MistakesShown = 24;
    public const int AnswersShown = 24;
    private const int MostGuesses = 5;
    private const double SmallestProbability = 1e-15;

    private double _logLoss;
    private long _truthAmongGuesses;

    private TestResults(int classCount)
    {
        Confusion = new ConfusionMatrix(classCount);
        Guesses = Math.Min(MostGuesses, classCount - 1);
    }

    public ConfusionMatrix Confusion { get; }

    public Calibration Calibration { get; } = new();

    /// <summary>Rows without a label or without a score.</summary>
    public long LeftOut { get; private set; }

    /// <summary>The mean of -ln(probability of the truth).</summary>
    public double LogLoss => _logLoss / Confusion.Total;

    /// <summary>How many of the most probable classes <see cref="TopAccuracy"/> looks at.</summary>
    public int Guesses { get; }

    /// <summary>The share of images whose class is among the most probable ones.</summary>
    public double TopAccuracy => (double)_truthAmongGuesses / Confusion.Total;

    /// <summary>The mistakes that the model was surest of, the surest first.</summary>
    public IReadOnlyList<Answer> Mistakes { get; private set; } = [];

    /// <summary>Answers drawn by the seed, each row alike.</summary>
    public IReadOnlyList<Answer> Drawn { get; private set; } = [];

    /// <exception cref="InvalidOperationException">A column is missing, or the label's classes are not the model's.</exception>
    public static TestResults Of(ITransformer model, ImageClassificationTransformer network, IDataView test, int seed)
    {
        var definition = network.Definition;
        var scored = model.Transform(test);
        var (label, classCount) = LabelColumn.Find(scored.Schema, definition.LabelColumnName ?? "Label");
        RequireSameClasses(label, classCount, definition);
        var score = scored.Schema.Required(definition.ScoreColumnName, "score");
        var images = new ImageColumn(scored.Schema, definition);

        var results = new TestResults(definition.ClassCount);
        using var cursor = scored.GetRowCursor([label, score, .. images.Columns]);
        results.Read(cursor, LabelColumn.Reader(cursor, label), cursor.GetGetter<VBuffer<float>>(score), images.Read(cursor), new Random(seed), images);
        return results;
    }

    private static void RequireSameClasses(DataViewSchema.Column label, int classCount, ModelDefinition definition)
    {
        var theirs = KeyNames.TryOf(label);
        bool cannotTell = theirs == KeyNames.None || definition.Classes == KeyNames.None;
        if (classCount != definition.ClassCount || !(cannotTell || definition.Classes.Equals(theirs)))
            throw new InvalidOperationException(
                $"Label column '{label.Name}' of the test data has {Quantity.Of(classCount, "class")} ({theirs?.FirstFew()}), the model " +
                $"{definition.ClassCount} ({definition.Classes.FirstFew()}), and they must be the same in the same order. Map the labels with " +
                "the MapValueToKey that was fitted to the training data.");
    }

    private void Read(
        DataViewRowCursor cursor, Func<int> label, ValueGetter<VBuffer<float>> score, ImageColumn.Reader images, Random random, ImageColumn column)
    {
        // The least sure of the mistakes kept comes out first.
        var mistakes = new PriorityQueue<(Answer Answer, float[]? Values), float>();
        var drawn = new List<(Answer Answer, float[]? Values)>();
        VBuffer<float> scores = default;
        while (cursor.MoveNext())
        {
            int truth = label();
            score(ref scores);
            var probabilities = scores.GetValues();
            if (truth == LabelColumn.Missing || !float.IsFinite(TensorPrimitives.Sum(probabilities)))
            {
                LeftOut++;
                continue;
            }
            int predicted = TensorPrimitives.IndexOfMax(probabilities);
            Add(truth, predicted, probabilities);

            var answer = new Answer(truth, predicted, probabilities[predicted], probabilities[truth], null, null);
            bool isBadMistake = !answer.IsRight && (mistakes.Count < MistakesShown || mistakes.Peek().Answer.Confidence < answer.Confidence);
            // Algorithm R: the n-th row takes one of k places with probability k / n.
            int place = Confusion.Total <= AnswersShown ? drawn.Count : (int)random.NextInt64(Confusion.Total);
            if (!isBadMistake && place >= AnswersShown)
                continue;
            (Answer, float[]?) shown = (answer with { Path = images.Path() }, images.Values());
            if (isBadMistake && mistakes.Count == MistakesShown)
                mistakes.DequeueEnqueue(shown, answer.Confidence);
            else if (isBadMistake)
                mistakes.Enqueue(shown, answer.Confidence);
            if (place == drawn.Count)
                drawn.Add(shown);
            else if (place < AnswersShown)
                drawn[place] = shown;
        }
        if (Confusion.Total == 0)
            throw new InvalidOperationException("The test data has no row with a label and a usable image.");

        var surest = mistakes.UnorderedItems.Select(item => item.Element).OrderByDescending(item => item.Answer.Confidence).ToList();
        // Together, so that floats get the same colors in both.
        var pictures = column.Pictures([.. surest.Concat(drawn).Select(item => item.Values)]);
        Answer[] answers = [.. surest.Concat(drawn).Select((item, i) => item.Answer with { Picture = pictures[i] })];
        (Mistakes, Drawn) = (answers[..surest.Count], answers[surest.Count..]);
    }

    private void Add(int truth, int predicted, ReadOnlySpan<float> probabilities)
    {
        Confusion.Add(truth, predicted);
        Calibration.Add(probabilities[predicted], truth == predicted);
        _logLoss -= Math.Log(Math.Max(probabilities[truth], SmallestProbability));
        int better = 0;
        for (int i = 0; i < probabilities.Length; i++)
            if (probabilities[i] > probabilities[truth] || (probabilities[i] == probabilities[truth] && i < truth))
                better++;
        if (better < Guesses)
            _truthAmongGuesses++;
    }
}
