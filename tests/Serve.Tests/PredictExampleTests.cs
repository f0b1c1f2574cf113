using System.Diagnostics;
using System.Text.Json;

namespace Serve.Tests;

[TestClass]
public sealed class PredictExampleTests
{
    [TestMethod]
    public void Files_folders_and_standard_input_are_classified_and_a_wrong_file_is_a_line()
    {
        using var folder = new TempFolder();
        folder.Write("more/b.png", File.ReadAllBytes(Models.Images[1]));
        folder.Write("more/deep/a.PNG", File.ReadAllBytes(Models.Images[2]));
        folder.Write("more/notes.txt", "no image");
        folder.Write("bad.png", "no image");

        var run = Run(
            $"{Models.Images[3]}\n\n{folder.At("nowhere.png")}\n",
            "--model", Models.Small, "--format", "json", Models.Images[0], folder.At("more"), folder.At("bad.png"), "-");

        Assert.AreEqual(2, run.ExitCode, run.Errors);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        string[] paths =
            [Models.Images[0], folder.At("more/b.png"), folder.At("more/deep/a.PNG"), folder.At("bad.png"), Models.Images[3], folder.At("nowhere.png")];
        CollectionAssert.AreEqual(paths, lines.Select(line => line.GetProperty("path").GetString()).ToArray());
        Assert.Contains("in no format that can be read", lines[3].GetProperty("error").GetString()!);
        Assert.AreEqual("There is no such file.", lines[5].GetProperty("error").GetString());

        var expected = Models.Scores(Models.Small, [.. Models.Images[..4]]);
        foreach (var (line, image) in new[] { (0, 0), (1, 1), (2, 2), (4, 3) })
        {
            var guesses = lines[line].GetProperty("predictions");
            Assert.AreEqual(5, guesses.GetArrayLength());
            for (int i = 0; i < 5; i++)
                Assert.AreEqual(expected[image].Order().Reverse().ElementAt(i), guesses[i].GetProperty("score").GetSingle(), 1e-5f);
        }
    }

    [TestMethod]
    public void An_ONNX_file_gives_the_scores_of_the_model_it_was_made_of()
    {
        var run = Run("", "--model", Models.SmallOnnx, "--format", "json", "--top", "10", Models.Images[0], Models.Images[1], "nowhere.png");

        Assert.AreEqual(2, run.ExitCode, run.Errors);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var expected = Models.Scores(Models.Small, Models.Images[..2]);
        for (int image = 0; image < 2; image++)
            AssertClose(expected[image], lines[image].GetProperty("predictions"));
    }

    [TestMethod]
    public void An_ONNX_file_of_channels_first_is_given_its_pixels_in_that_order()
    {
        var run = Run("", "--model", Models.PixelsOnnx, "--format", "json", "--top", "10", Models.Images[0]);

        Assert.AreEqual(0, run.ExitCode, run.Errors);
        AssertClose(Models.ScoresFromPixels(Models.Images[0]), JsonDocument.Parse(run.Output).RootElement.GetProperty("predictions"));
    }

    [TestMethod]
    public void An_ONNX_file_of_another_program_is_refused()
    {
        using var folder = new TempFolder();

        var run = Run("", "--model", folder.Write("text.onnx", "no model"), Models.Images[0]);

        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains("is no model that SaveOnnx of this library wrote", run.Errors);
    }

    [TestMethod]
    public void A_table_and_CSV_have_the_same_guesses()
    {
        var table = Run("", "--model", Models.Pixels, "--top", "2", Models.Images[0]);
        var csv = Run("", "--model", Models.Pixels, "--top", "2", "--format", "csv", Models.Images[0]);

        Assert.AreEqual((0, 0), (table.ExitCode, csv.ExitCode), table.Errors + csv.Errors);
        var lines = csv.Output.ReplaceLineEndings("\n").Split('\n');
        Assert.AreEqual("path,label1,score1,label2,score2,error", lines[0]);
        var fields = lines[1].Split(',');
        Assert.AreEqual(Models.Images[0], fields[0]);
        Assert.AreEqual("", fields[5]);
        string first = float.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture).ToString("P1", PercentFormat);
        string second = float.Parse(fields[4], System.Globalization.CultureInfo.InvariantCulture).ToString("P1", PercentFormat);
        Assert.MatchesRegex($@"^ *{first}  {fields[1]} *  {Models.Images[0]}  \({fields[3]} {second}\)\s*$", table.Output);
    }

    [TestMethod]
    [DataRow("--model is missing", "Option '--model' is required.", "x.png")]
    [DataRow("no such model", "nowhere.zip", "--model", "nowhere.zip", "x.png")]
    [DataRow("no file", "Required argument 'files' missing", "--model", "nowhere.zip")]
    [DataRow("--top is 0", "--top is 0; it must be at least 1.", "--model", "nowhere.zip", "--top", "0", "x.png")]
    public void What_cannot_be_done_at_all_ends_with_1_and_a_reason(string what, string reason, params string[] arguments)
    {
        var run = Run("", arguments);

        Assert.AreEqual(1, run.ExitCode, what);
        Assert.Contains(reason, run.Errors);
    }

    private static System.Globalization.NumberFormatInfo PercentFormat { get; } =
        new() { PercentPositivePattern = 0, PercentSymbol = "%" };

    private static void AssertClose(float[] expected, JsonElement guesses)
    {
        var scores = guesses.EnumerateArray().OrderBy(guess => guess.GetProperty("label").GetString(), StringComparer.Ordinal)
            .Select(guess => guess.GetProperty("score").GetSingle()).ToArray();
        Assert.HasCount(expected.Length, scores);
        for (int i = 0; i < scores.Length; i++)
            Assert.AreEqual(expected[i], scores[i], 1e-4f);
    }

    private static ChildProcess Run(string standardInput, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Predict.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(standardInput);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ChildProcess(process.ExitCode, output, errors.Result);
    }
}
