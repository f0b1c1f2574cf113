using System.Globalization;

namespace MlNet.ImageClassification;

/// <summary>All that the result of a training depends on, as named values: only the same training may go on from a checkpoint.</summary>
internal sealed class TrainingIdentity
{
    private const int MaximumFacts = 1000;

    private readonly (string Name, string Value)[] _facts;

    public TrainingIdentity(params (string Name, object Value)[] facts) =>
        _facts = [.. facts.Select(fact => (fact.Name, Convert.ToString(fact.Value, CultureInfo.InvariantCulture) ?? ""))];

    /// <summary>
    /// What differs from another training, as "name: value there, value here"; empty when it is the same.
    /// </summary>
    public IReadOnlyList<string> DifferencesFrom(TrainingIdentity other)
    {
        var theirs = other._facts.ToDictionary(fact => fact.Name, fact => fact.Value);
        var mine = _facts.ToDictionary(fact => fact.Name, fact => fact.Value);
        return
        [
            .. _facts.Select(fact => fact.Name).Union(theirs.Keys)
                .Where(name => theirs.GetValueOrDefault(name) != mine.GetValueOrDefault(name))
                .Select(name => $"{name} {theirs.GetValueOrDefault(name, "none")} there, {mine.GetValueOrDefault(name, "none")} here"),
        ];
    }

    /// <summary>Whether one fact is the same in another training.</summary>
    public bool Agrees(string name, TrainingIdentity other) => Value(name) == other.Value(name);

    public void Write(BinaryWriter block)
    {
        block.Write(_facts.Length);
        foreach (var (name, value) in _facts)
        {
            block.Write(name);
            block.Write(value);
        }
    }

    private string? Value(string name) => _facts.FirstOrDefault(fact => fact.Name == name).Value;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static TrainingIdentity Read(BinaryReader block)
    {
        int count = block.ReadInt32();
        if (count is < 0 or > MaximumFacts)
            throw new InvalidDataException($"it names {count} options");
        return new TrainingIdentity([.. Enumerable.Range(0, count).Select(_ => (block.ReadString(), (object)block.ReadString()))]);
    }
}
