using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace ML.Conformance;

[TestClass]
public class LoggingTests
{
    private readonly List<LoggingEventArgs> _events = [];
    private readonly MLContext _ml = new(seed: 1);

    [TestInitialize]
    public void Listen() => _ml.Log += (sender, e) =>
    {
        Assert.AreSame(_ml, sender);
        _events.Add(e);
    };

    [TestMethod]
    public void What_a_channel_is_told_reaches_the_log_with_kind_and_source()
    {
        using (var channel = ((IHostEnvironment)_ml).Start("Work"))
        {
            channel.Trace(MessageSensitivity.None, "traced");
            channel.Info(MessageSensitivity.None, "told");
            channel.Info(MessageSensitivity.UserData, "{0} of {1}", 1, 2);
            channel.Warning(MessageSensitivity.None, "warned");
            channel.Warning(MessageSensitivity.None, "warned of {0}", "it");
            channel.Error(MessageSensitivity.None, "failed");
            channel.Error(MessageSensitivity.None, "failed {0}", "again");
        }

        CollectionAssert.AreEqual(
            new[] { "told", "1 of 2", "warned", "warned of it", "failed", "failed again" },
            _events.Where(e => e.Kind != ChannelMessageKind.Trace).Select(e => e.RawMessage).ToArray());
        Assert.AreEqual("[Source=Work, Kind=Info] told", _events.First(e => e.RawMessage == "told").Message);
        Assert.IsTrue(_events.All(e => e.Source == "Work"));
        Assert.AreEqual(ChannelMessageKind.Warning, _events.First(e => e.RawMessage == "warned").Kind);
        Assert.AreEqual(ChannelMessageKind.Error, _events.First(e => e.RawMessage == "failed").Kind);
    }

    [TestMethod]
    public void A_channel_announces_its_start_and_its_end_once()
    {
        var channel = ((IHostEnvironment)_ml).Start("Work");
        channel.Dispose();
        channel.Dispose();

        Assert.AreEqual("Channel started", _events[0].RawMessage);
        StringAssert.StartsWith(_events[1].RawMessage, "Channel finished. Elapsed ");
        Assert.AreEqual("Channel disposed", _events[2].RawMessage);
        Assert.AreEqual(3, _events.Count);
        Assert.IsTrue(_events.All(e => e.Kind == ChannelMessageKind.Trace));
    }

    [TestMethod]
    public void A_hosts_channels_carry_its_name()
    {
        var host = ((IHostEnvironment)_ml).Register("Trainer");
        using (host.Start("Training"))
        {
        }

        Assert.AreEqual("Trainer; Training", _events[0].Source);
    }

    [TestMethod]
    public void Progress_does_not_reach_the_log_and_is_held_to_its_header()
    {
        using (var progress = ((IHostEnvironment)_ml).StartProgressChannel("Epochs"))
        {
            var header = new ProgressHeader(["loss"], ["epochs"]);
            Assert.AreEqual("loss", header.MetricNames.Single());
            Assert.AreEqual("epochs", header.UnitNames.Single());
            progress.SetHeader(header, entry =>
            {
                entry.SetMetric(0, 0.5);
                entry.SetProgress(0, 1, 10);
            });
            progress.Checkpoint(0.5, 1, 10);
            Assert.ThrowsExactly<InvalidOperationException>(() => progress.Checkpoint(0.5, 1, 10, 4));
            progress.SetHeader(new ProgressHeader("rows"), entry => entry.SetProgress(0, 1));
            progress.Checkpoint(7);
        }

        Assert.AreEqual(0, _events.Count);
    }

    [TestMethod]
    public void A_seed_makes_the_random_numbers_of_hosts_the_same_each_time()
    {
        static int[] Draw(int? seed)
        {
            var random = ((IHostEnvironment)new MLContext(seed)).Register("A").Rand;
            return [random.Next(1000), random.Next(10, 20), random.Next(), (int)(1e6 * random.NextDouble())];
        }

        CollectionAssert.AreEqual(Draw(7), Draw(7));
        CollectionAssert.AreNotEqual(Draw(7), Draw(8));
        Assert.IsTrue(Draw(3)[1] is >= 10 and < 20);
        var own = ((IHostEnvironment)_ml).Register("A", seed: 5).Rand.Next();
        Assert.AreEqual(own, ((IHostEnvironment)new MLContext()).Register("B", seed: 5).Rand.Next());
    }

    [TestMethod]
    public void An_exception_context_marks_exceptions_and_describes_itself()
    {
        IHostEnvironment environment = _ml;
        var exception = new InvalidOperationException("failed");

        Assert.AreSame(exception, environment.Process(exception));
        Assert.IsTrue(exception.Data.Count > 0);
        Assert.AreEqual("HostEnvironment", environment.ContextDescription);
        Assert.AreSame(_ml.ComponentCatalog, environment.ComponentCatalog);
    }

    [TestMethod]
    public void The_choice_of_gpu_is_kept_with_the_context()
    {
        Assert.IsNull(_ml.GpuDeviceId);
        Assert.IsFalse(_ml.FallbackToCpu);
        _ml.GpuDeviceId = 1;
        _ml.FallbackToCpu = true;
        Assert.AreEqual(1, _ml.GpuDeviceId);
        Assert.IsTrue(_ml.FallbackToCpu);
    }
}
