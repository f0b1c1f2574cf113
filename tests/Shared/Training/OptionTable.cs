using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MlNetCnn.Tests;

/// <summary>The tables of docs/options.md, held against the code.</summary>
internal static partial class OptionTable
{
    /// <summary>Checks that a section lists a class's options, their defaults and their ranges.</summary>
    /// <param name="section">The heading.</param>
    /// <param name="defaults">An object with the defaults.</param>
    /// <param name="declaredOnly">Whether inherited options stand elsewhere.</param>
    /// <param name="check">Checks options that differ from the defaults in one value, as the trainer's constructor does.</param>
    public static void AssertAgrees<T>(string section, T defaults, bool declaredOnly, Action<T> check)
        where T : class
    {
        var rows = Rows(section);
        var flags = BindingFlags.Public | BindingFlags.Instance | (declaredOnly ? BindingFlags.DeclaredOnly : 0);
        var options = defaults.GetType().GetProperties(flags).Where(property => property.CanWrite).ToArray();
        CollectionAssert.AreEquivalent(options.Select(option => option.Name).ToArray(), rows.Keys.ToArray(), section);

        foreach (var option in options)
        {
            var (expected, range) = rows[option.Name];
            if (IsPlain(option.PropertyType))
                Assert.AreEqual(expected, Text(option.GetValue(defaults)), option.Name);
            foreach (var (value, isAllowed) in Samples(range, option.PropertyType))
                AssertRange(defaults, option, value, isAllowed, check);
        }
    }

    private static void AssertRange<T>(T defaults, PropertyInfo option, object value, bool isAllowed, Action<T> check)
        where T : class
    {
        var copy = (T)typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(defaults, null)!;
        option.SetValue(copy, value);
        try
        {
            check(copy);
            Assert.IsTrue(isAllowed, $"{option.Name} {Text(value)} is outside its range and is accepted");
        }
        catch (ArgumentException e)
        {
            Assert.IsFalse(isAllowed, e.Message);
            Assert.Contains(option.Name, e.Message);
        }
    }

    private static bool IsPlain(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain
        && (plain.IsPrimitive || plain.IsEnum || plain == typeof(string) || plain.Name == "ComputeDevice");

    private static string Text(object? value) => value is null ? "null" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>The bounds of an interval and values just beyond them; each name of an enumeration and a value that has none.</summary>
    private static IEnumerable<(object Value, bool IsAllowed)> Samples(string range, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsEnum)
        {
            CollectionAssert.AreEquivalent(Enum.GetNames(plain), range.Split(", "));
            yield return (Enum.ToObject(plain, 99), false);
        }
        if (Interval().Match(range) is not { Success: true } interval)
            yield break;
        foreach (var (bound, isIncluded, outward) in new[]
        {
            (interval.Groups[2].Value, interval.Groups[1].Value == "[", -1),
            (interval.Groups[3].Value, interval.Groups[4].Value == "]", 1),
        })
        {
            if (bound == "∞")
                continue;
            var value = double.Parse(bound, CultureInfo.InvariantCulture);
            yield return (As(value), isIncluded);
            yield return (As(value + outward * (plain == typeof(int) ? 1 : 1e-6)), false);
        }
        if (plain == typeof(double))
            yield return (double.NaN, false);

        object As(double value) => Convert.ChangeType(value, plain, CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, (string Default, string Range)> Rows(string section)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "options.md"));
        var begin = text.IndexOf($"\n## {section}\n", StringComparison.Ordinal);
        Assert.AreNotEqual(-1, begin, section);
        var end = text.IndexOf("\n## ", begin + 4, StringComparison.Ordinal);
        return Row().Matches(end < 0 ? text[begin..] : text[begin..end])
            .ToDictionary(row => row.Groups[1].Value, row => (row.Groups[2].Value, row.Groups[3].Value));
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ([^|]+?) \| ?([^|]*?) ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^([\[(])([\d.]+), ([\d.]+|∞)([\])])")]
    private static partial Regex Interval();
}
