using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;

namespace PredictImages;

/// <summary>Writes results as they come.</summary>
internal abstract class ResultWriter : IDisposable
{
    public static ResultWriter Create(string format, TextWriter output, IReadOnlyList<string> classNames, int top) => format switch
    {
        "json" => new JsonLines(output),
        "csv" => new Csv(output, Math.Min(top, classNames.Count)),
        _ => new Table(output, classNames),
    };

    public abstract void Write(Result result);

    public virtual void Dispose()
    {
    }

    private sealed class Table(TextWriter output, IReadOnlyList<string> classNames) : ResultWriter
    {
        private readonly int _width = Math.Max("(none)".Length, classNames.Max(name => name.Length));

        public override void Write(Result result)
        {
            if (result.Error is { } error)
            {
                output.WriteLine($"{"-",7}  {"(none)".PadRight(_width)}  {result.Path}  {error}");
                return;
            }
            var best = result.Guesses[0];
            string others = string.Join(", ", result.Guesses.Skip(1).Select(guess => $"{guess.Label} {Percent(guess.Score)}"));
            output.WriteLine($"{Percent(best.Score),7}  {best.Label.PadRight(_width)}  {result.Path}{(others.Length > 0 ? $"  ({others})" : "")}");
        }

        private static string Percent(float share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");
    }

    private sealed class JsonLines(TextWriter output) : ResultWriter
    {
        private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

        public override void Write(Result result) => output.WriteLine(result.Error is { } error
            ? JsonSerializer.Serialize(new { result.Path, error }, Options)
            : JsonSerializer.Serialize(new { result.Path, predictions = result.Guesses.Select(guess => new { guess.Label, guess.Score }) }, Options));
    }

    private sealed class Csv : ResultWriter
    {
        private readonly CsvWriter _csv;
        private readonly int _guesses;

        public Csv(TextWriter output, int guesses)
        {
            (_csv, _guesses) = (CsvWriter.Create(output, new CsvWriterOptions(), leaveOpen: true), guesses);
            _csv.WriteField("path");
            for (int i = 1; i <= guesses; i++)
            {
                _csv.WriteField($"label{i}");
                _csv.WriteField($"score{i}");
            }
            _csv.WriteField("error");
            _csv.EndRecord();
        }

        public override void Write(Result result)
        {
            _csv.WriteField(result.Path);
            for (int i = 0; i < _guesses; i++)
            {
                _csv.WriteField(result.Error is null ? result.Guesses[i].Label : "");
                _csv.WriteField(result.Error is null ? result.Guesses[i].Score.ToString(CultureInfo.InvariantCulture) : "");
            }
            _csv.WriteField(result.Error);
            _csv.EndRecord();
            _csv.Flush();
        }

        public override void Dispose() => _csv.Dispose();
    }
}
