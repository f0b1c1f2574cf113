using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The image of a cursor's current row, or why there is none.</summary>
/// <param name="row">The cursor or the single row.</param>
/// <param name="features">The column of images.</param>
/// <param name="layout">How their values lie.</param>
/// <param name="path">The column that says which file the image is from; null for none.</param>
internal sealed class RowImage(DataViewRow row, DataViewSchema.Column features, ImageLayout layout, DataViewSchema.Column? path)
{
    private readonly PixelReader _pixels = PixelReader.Create(row, features, layout);
    private readonly ValueGetter<ReadOnlyMemory<char>>? _path =
        path is { } column && row.IsColumnActive(column) ? row.GetGetter<ReadOnlyMemory<char>>(column) : null;

    /// <summary>The file of the current row; null where the row does not tell.</summary>
    public string? Path()
    {
        if (_path is null)
            return null;
        ReadOnlyMemory<char> value = default;
        _path(ref value);
        return value.ToString();
    }

    /// <summary>Reads the image.</summary>
    /// <param name="values">Room for its values, as many bytes as the layout has.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public Exception? TryRead(Span<byte> values)
    {
        var failure = TryReadPixels(values);
        // Of an empty path ML.NET makes a black image or, behind one that is not empty, a failure.
        return _path is not null && (failure is not null || IsOfOneColor(values)) && Path() == ""
            ? new InvalidDataException($"there is no image path, column '{path!.Value.Name}' is empty")
            : failure;
    }

    /// <summary>The cause of a failure, as the end of a sentence: ML.NET wraps what happened on another thread.</summary>
    public static string Cause(Exception failure)
    {
        var cause = failure.GetBaseException();
        string message = cause is ArgumentException { ParamName: { } name } ? cause.Message.Replace($" (Parameter '{name}')", "") : cause.Message;
        return message.TrimEnd('.');
    }

    private Exception? TryReadPixels(Span<byte> values)
    {
        try
        {
            if (layout.IsBytes)
                _pixels.Read(values);
            else
                _pixels.Read(MemoryMarshal.Cast<byte, float>(values));
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            return e;
        }
    }

    private bool IsOfOneColor(Span<byte> values)
    {
        return layout.IsBytes ? AreAlike<byte>(values) : AreAlike<float>(MemoryMarshal.Cast<byte, float>(values));

        bool AreAlike<T>(ReadOnlySpan<T> values) where T : IEquatable<T>
        {
            for (int channel = 0; channel < layout.Shape.Channels; channel++)
            {
                (int start, int end, int step) = layout.Channel(channel);
                for (int i = start; i < end; i += step)
                    if (!values[i].Equals(values[start]))
                        return false;
            }
            return true;
        }
    }
}
