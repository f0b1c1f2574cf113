using System.Globalization;
using System.Text;

namespace ShuffleNetOnCifar10;

/// <summary>What a training came to: one line of the <see cref="EvalLog"/>.</summary>
/// <param name="TrainingImages">Images per epoch.</param>
/// <param name="Top1">Share of test images whose class is the most probable one, 0 to 1.</param>
/// <param name="Top5">Share of test images whose class is among the five most probable ones, 0 to 1.</param>
internal sealed record EvalLogEntry(
    DateTime TimeUtc, string Architecture, int Epochs, long TrainingImages, TimeSpan TrainingTime,
    double Top1, double Top5, double LogLoss, int Seed, string Data);

/// <summary>A CSV file (RFC 4180) to which each training adds one line.</summary>
internal sealed class EvalLog
{
    public const string Header = "time_utc,architecture,epochs,training_images,training_seconds,top1,top5,log_loss,seed,data";

    private EvalLog(string path) => Path = path;

    public string Path { get; }

    /// <summary>Opens the log, existing or not, and finds out whether lines can be added: better before a training than after it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public static EvalLog Open(string path)
    {
        var log = new EvalLog(path);
        if (File.Exists(path) || Directory.Exists(path))
            log.Use(Check);
        return log;
    }

    /// <summary>Adds a line in one write, which leaves the lines before it alone whatever happens.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public void Append(EvalLogEntry entry)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        Use(file =>
        {
            Check(file);
            string before = file.Length == 0 ? Header + "\n" : EndsInALine(file) ? "" : "\n";
            file.Seek(0, SeekOrigin.End);
            file.Write(Encoding.UTF8.GetBytes(before + Line(entry) + "\n"));
            file.Flush(flushToDisk: true);
        });
    }

    private static string Line(EvalLogEntry entry) => string.Join(',', new IFormattable[]
    {
        $"{entry.TimeUtc:yyyy-MM-ddTHH:mm:ssZ}", $"{Quoted(entry.Architecture)}", $"{entry.Epochs}", $"{entry.TrainingImages}",
        $"{entry.TrainingTime.TotalSeconds:F1}", $"{entry.Top1:F4}", $"{entry.Top5:F4}", $"{entry.LogLoss:F4}", $"{entry.Seed}",
        $"{Quoted(entry.Data)}",
    }.Select(value => value.ToString(null, CultureInfo.InvariantCulture)));

    private static string Quoted(string text)
    {
        string oneLine = text.ReplaceLineEndings(" ");
        return oneLine.AsSpan().ContainsAny(',', '"') ? $"\"{oneLine.Replace("\"", "\"\"")}\"" : oneLine;
    }

    private static void Check(FileStream file)
    {
        if (file.Length == 0)
            return;
        var start = new byte[Header.Length + 1];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        string found = Encoding.UTF8.GetString(start, 0, read);
        if (found.TrimEnd('\r', '\n') != Header)
        {
            throw new InvalidDataException(
                $"'{file.Name}' is no log of this example: it begins with '{found.Split('\r', '\n')[0]}' and not with '{Header}'. "
                + "Move it away or choose another --output.");
        }
    }

    /// <summary>A line that an interrupted write left unfinished must not take the next one in.</summary>
    private static bool EndsInALine(FileStream file)
    {
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    private void Use(Action<FileStream> action)
    {
        try
        {
            using var file = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            action(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new IOException(
                $"The log of evaluations '{Path}' cannot be written: {e.Message} Make it writable or choose another --output.", e);
        }
    }
}
