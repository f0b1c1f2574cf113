namespace Microsoft.ML.Runtime;

/// <summary>Marks exceptions with the component they come from.</summary>
public interface IExceptionContext
{
    string ContextDescription { get; }

    TException Process<TException>(TException ex)
        where TException : Exception;
}

/// <summary>
/// Checks, and the exceptions they throw. Each kind of failure has one exception type throughout ML.NET:
/// a bad argument is an <see cref="ArgumentOutOfRangeException"/>, a null one an <see cref="ArgumentNullException"/>,
/// unreadable data a <see cref="FormatException"/>, all else an <see cref="InvalidOperationException"/>.
/// </summary>
internal static class Contracts
{
    private const string MarkKey = "ML_IsMarked";

    /// <summary>Whether an exception was raised by these checks rather than by a defect.</summary>
    public static bool IsMarked(this Exception ex) => ex.Data.Contains(MarkKey);

    public static TException Mark<TException>(TException ex)
        where TException : Exception
    {
        ex.Data[MarkKey] = 1;
        return ex;
    }

    public static Exception Except(string msg) => Mark(new InvalidOperationException(msg));

    public static Exception Except(Exception inner, string msg) => Mark(new InvalidOperationException(msg, inner));

    public static Exception Except(this IExceptionContext ctx, string msg) =>
        ctx.Raise(new InvalidOperationException(msg));

    public static Exception Except(this IExceptionContext ctx, Exception inner, string msg) =>
        ctx.Raise(new InvalidOperationException(msg, inner));

    public static Exception ExceptParam(string paramName, string msg) => ExceptParam(null, paramName, msg);

    public static Exception ExceptParam(this IExceptionContext ctx, string paramName, string msg) =>
        ctx.Raise(new ArgumentOutOfRangeException(paramName, msg));

    /// <summary>A bad option, as against a bad argument of a call.</summary>
    public static Exception ExceptUserArg(this IExceptionContext ctx, string name, string msg) =>
        ctx.ExceptParam(name, msg);

    public static Exception ExceptValue(this IExceptionContext ctx, string paramName) =>
        ctx.Raise(new ArgumentNullException(paramName));

    public static Exception ExceptDecode(string msg) => ExceptDecode(null, msg);

    public static Exception ExceptDecode(this IExceptionContext ctx, string msg) =>
        ctx.Raise(new FormatException(msg));

    public static Exception ExceptDecode(this IExceptionContext ctx, Exception inner, string msg) =>
        ctx.Raise(new FormatException(msg, inner));

    public static Exception ExceptIO(this IExceptionContext ctx, string msg) => ctx.Raise(new IOException(msg));

    public static Exception ExceptIO(this IExceptionContext ctx, Exception inner, string msg) =>
        ctx.Raise(new IOException(msg, inner));

    public static Exception ExceptSchemaMismatch(
        this IExceptionContext ctx, string paramName, string columnRole, string columnName) =>
        ctx.ExceptParam(paramName, $"Could not find {columnRole} column '{columnName}'");

    public static Exception ExceptSchemaMismatch(
        this IExceptionContext ctx,
        string paramName,
        string columnRole,
        string columnName,
        string expectedType,
        string actualType) =>
        ctx.ExceptParam(
            paramName,
            $"Schema mismatch for {columnRole} column '{columnName}': expected {expectedType}, got {actualType}");

    public static void Check(bool condition, string msg) => Check(null, condition, msg);

    public static void Check(this IExceptionContext ctx, bool condition) =>
        ctx.Check(condition, new InvalidOperationException().Message);

    public static void Check(this IExceptionContext ctx, bool condition, string msg)
    {
        if (!condition)
            throw ctx.Except(msg);
    }

    public static void CheckParam(bool condition, string paramName, string msg) =>
        CheckParam(null, condition, paramName, msg);

    public static void CheckParam(this IExceptionContext ctx, bool condition, string paramName) =>
        ctx.CheckParam(condition, paramName, new ArgumentOutOfRangeException().Message);

    public static void CheckParam(this IExceptionContext ctx, bool condition, string paramName, string msg)
    {
        if (!condition)
            throw ctx.ExceptParam(paramName, msg);
    }

    public static void CheckUserArg(this IExceptionContext ctx, bool condition, string name, string msg) =>
        ctx.CheckParam(condition, name, msg);

    public static void CheckValue<T>(T value, string paramName)
        where T : class =>
        CheckValue(null, value, paramName);

    public static void CheckValue<T>(this IExceptionContext ctx, T value, string paramName)
        where T : class
    {
        if (value is null)
            throw ctx.ExceptValue(paramName);
    }

    public static void CheckNonEmpty(string value, string paramName) => CheckNonEmpty(null, value, paramName);

    public static void CheckNonEmpty(this IExceptionContext ctx, string value, string paramName) =>
        ctx.CheckParam(!string.IsNullOrEmpty(value), paramName, $"{paramName} cannot be null or empty");

    public static void CheckNonEmpty<T>(
        this IExceptionContext ctx, ICollection<T> value, string paramName) =>
        ctx.CheckParam(value is { Count: > 0 }, paramName, $"{paramName} cannot be null or empty");

    public static void CheckNonWhiteSpace(this IExceptionContext ctx, string value, string paramName) =>
        ctx.CheckParam(
            !string.IsNullOrWhiteSpace(value), paramName, $"{paramName} cannot be null or white space");

    public static void CheckDecode(bool condition, string msg) => CheckDecode(null, condition, msg);

    public static void CheckDecode(this IExceptionContext ctx, bool condition) =>
        ctx.CheckDecode(condition, new FormatException().Message);

    public static void CheckDecode(this IExceptionContext ctx, bool condition, string msg)
    {
        if (!condition)
            throw ctx.ExceptDecode(msg);
    }

    // A call without context still marks its exception.
    private static Exception Raise(this IExceptionContext ctx, Exception ex) => ctx is null ? Mark(ex) : ctx.Process(ex);
}
