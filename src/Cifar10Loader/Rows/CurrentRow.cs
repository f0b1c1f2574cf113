namespace Cifar10Loader;

/// <summary>The row a cursor stands on: what its getters read.</summary>
internal sealed class CurrentRow
{
    /// <summary>Zero-based row number in the view, or -1 where the cursor stands on no row.</summary>
    public int Index { get; set; } = -1;

    /// <exception cref="InvalidOperationException">The cursor stands on no row.</exception>
    public int Required => Index >= 0
        ? Index
        : throw new InvalidOperationException(
            "The cursor stands on no row: call MoveNext first, and read no values once it returned false.");
}
