using ShuffleNetOnCifar10;

namespace Examples.Tests;

[TestClass]
public sealed class EvalLogTests
{
    private static readonly EvalLogEntry Entry = new(
        new DateTime(2026, 3, 1, 14, 5, 9, DateTimeKind.Utc), "shufflenetv1 g3 2x", 8, 50000, TimeSpan.FromSeconds(584.26),
        0.81523, 0.9901, 0.57126, 1, "/data/cifar");

    private const string EntryLine = "2026-03-01T14:05:09Z,shufflenetv1 g3 2x,8,50000,584.3,0.8152,0.9901,0.5713,1,/data/cifar";

    private readonly TempFolder _folder = new();

    private string LogPath => _folder.At("output/eval-log.csv");

    [TestCleanup]
    public void RemoveFolder() => _folder.Dispose();

    [TestMethod]
    public void The_header_is_written_once_and_each_entry_is_a_line()
    {
        EvalLog.Open(LogPath).Append(Entry);
        EvalLog.Open(LogPath).Append(Entry with { Seed = 2 });

        Assert.AreEqual($"{EvalLog.Header}\n{EntryLine}\n{EntryLine.Replace(",1,/", ",2,/")}\n", File.ReadAllText(LogPath));
    }

    [TestMethod]
    public void A_folder_with_a_comma_quotes_or_a_line_break_stays_one_field_on_one_line()
    {
        EvalLog.Open(LogPath).Append(Entry with { Data = "/my, \"data\"\nhere" });

        string[] lines = File.ReadAllLines(LogPath);
        Assert.HasCount(2, lines);
        StringAssert.EndsWith(lines[1], ",1,\"/my, \"\"data\"\" here\"");
    }

    [TestMethod]
    public void A_line_that_was_left_unfinished_does_not_swallow_the_next_one()
    {
        EvalLog.Open(LogPath).Append(Entry);
        File.AppendAllText(LogPath, "2026-03-01T14:");

        EvalLog.Open(LogPath).Append(Entry);

        Assert.AreEqual($"{EvalLog.Header}\n{EntryLine}\n2026-03-01T14:\n{EntryLine}\n", File.ReadAllText(LogPath));
    }

    [TestMethod]
    public void A_file_that_is_no_log_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(_folder.At("output"));
        File.WriteAllText(LogPath, "shopping list\nmilk\n");

        var e = Assert.ThrowsExactly<InvalidDataException>(() => EvalLog.Open(LogPath));

        StringAssert.StartsWith(e.Message, $"'{LogPath}' is no log of this example: it begins with 'shopping list' and not with '{EvalLog.Header}'.");
        Assert.AreEqual("shopping list\nmilk\n", File.ReadAllText(LogPath));
    }

    [TestMethod]
    public void Opening_a_log_that_is_not_there_leaves_nothing_behind()
    {
        EvalLog.Open(LogPath);

        Assert.IsFalse(File.Exists(LogPath));
    }

    [TestMethod]
    [FilePermissionsCondition]
    public void A_read_only_file_is_refused_with_its_name()
    {
        EvalLog.Open(LogPath).Append(Entry);
        File.SetAttributes(LogPath, FileAttributes.ReadOnly);

        var e = Assert.ThrowsExactly<IOException>(() => EvalLog.Open(LogPath));

        StringAssert.StartsWith(e.Message, $"The log of evaluations '{LogPath}' cannot be written:");
    }
}
