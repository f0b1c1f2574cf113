namespace Cifar10Loader;

/// <summary>A numpy array: element type, shape and raw bytes.</summary>
internal sealed class PickledArray
{
    public string ElementType { get; set; } = "";

    public IReadOnlyList<long> Shape { get; set; } = [];

    public bool ColumnMajor { get; set; }

    public PickledBytes Bytes { get; set; } = new([]);

    /// <exception cref="InvalidDataException">The elements are no bytes, not in row order or not all there.</exception>
    public PickledBytes UnsignedBytes(string path)
    {
        if (ElementType is not ("u1" or "|u1" or "uint8") || ColumnMajor)
        {
            throw new InvalidDataException(
                $"'{path}': the array has elements of type '{ElementType}' in {(ColumnMajor ? "column" : "row")} order; " +
                "expected 'u1' (bytes) in row order.");
        }

        // Dividing instead of multiplying keeps an absurd shape from overflowing.
        long left = Bytes.Length;
        foreach (long size in Shape)
        {
            if (size <= 0 || left % size != 0)
                throw WrongSize();
            left /= size;
        }

        return left == 1 ? Bytes : throw WrongSize();

        InvalidDataException WrongSize() => new(
            $"'{path}': the array has the shape [{string.Join(", ", Shape)}] and {Bytes.Length:N0} bytes, which do not agree.");
    }
}

/// <summary>The dictionary a CIFAR pickle consists of.</summary>
internal sealed class PickledDictionary(string path, Dictionary<object, object?> entries)
{
    public bool Contains(string name) => entries.ContainsKey(name);

    /// <exception cref="InvalidDataException">The entry is missing or of another kind.</exception>
    public T Get<T>(string name)
    {
        if (!entries.TryGetValue(name, out object? value))
        {
            string found = string.Join(", ", entries.Keys.Select(key => $"'{key}'"));
            throw new InvalidDataException($"'{path}' has no entry '{name}', only {(found == "" ? "an empty dictionary" : found)}.");
        }

        return value is T typed
            ? typed
            : throw new InvalidDataException($"'{path}': the entry '{name}' is not what a CIFAR file has there.");
    }

    public string[] GetNames(string name) =>
        [.. Get<List<object?>>(name).Select(value => value switch
        {
            string text => text,
            PickledBytes text => text.Latin1Text(),
            _ => throw new InvalidDataException($"'{path}': the entry '{name}' is no list of names."),
        })];
}
