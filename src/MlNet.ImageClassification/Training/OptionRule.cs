namespace MlNet.ImageClassification;

/// <summary>How an option that breaks its rule is reported.</summary>
internal static class OptionRule
{
    /// <summary>Throws when an option breaks its rule.</summary>
    /// <param name="holds">Whether the rule holds.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">The value met.</param>
    /// <param name="rule">The rule, as the end of the sentence "Epoch is 0; ...".</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="holds"/> is false.</exception>
    public static void Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value ?? "null"}; {rule}."));
    }

    /// <summary>Throws when an enumeration option has a value that is none of its names.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public static void RequireDefined<T>(T value, string name)
        where T : struct, Enum => Require(Enum.IsDefined(value), name, value, $"it must be one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>Throws when an option that cannot be left out is null.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public static void RequireGiven(object? value, string name)
    {
        if (value is null)
            throw new ArgumentNullException(name, $"{name} is null; leave it at its default or give it a value.");
    }
}
