namespace BuildLogic.Tests;

/// <summary>The rule of offline/: a stand-in has no member that nobody outside offline/ calls.</summary>
[TestClass]
public sealed class StandInTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [BuiltOnStandIns]
    public void Every_member_of_the_stand_ins_has_a_caller()
    {
        var callers = new[] { "src", "examples", "tests", "benchmarks" }.SelectMany(BuiltAssemblies).ToList();
        var called = new HashSet<string>();
        foreach (var path in callers)
        {
            using var assembly = new AssemblyMembers(path);
            called.UnionWith(assembly.Referenced());
        }

        var offered = 0;
        var unused = new List<string>();
        foreach (var path in BuiltAssemblies("offline"))
        {
            using var assembly = new AssemblyMembers(path);
            foreach (var (member, references) in assembly.Offered())
            {
                offered++;
                if (!references.Any(r => called.Contains(r) || called.Contains(AssemblyMembers.AsImplemented(r))))
                    unused.Add($"{Path.GetFileNameWithoutExtension(path)}: {member}");
            }
        }

        TestContext.WriteLine($"{offered} members in offline/, {callers.Count} assemblies that may call them, {unused.Count} members without a caller.");
        Assert.IsGreaterThan(0, offered);
        Assert.IsEmpty(unused, $"Members of offline/ without a caller:{Environment.NewLine}{string.Join(Environment.NewLine, unused)}");
    }

    /// <summary>The assemblies built beside this one: in the same configuration, named as their project.</summary>
    internal static IEnumerable<string> BuiltAssemblies(string folder)
    {
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "BuildLogic.Tests"), AppContext.BaseDirectory);
        return Directory.EnumerateDirectories(Path.Combine(Repository.Root, folder))
            .Select(project => Path.Combine(project, output, Path.GetFileName(project) + ".dll"))
            .Where(File.Exists)
            .Order();
    }
}

/// <summary>Runs where the stand-ins were built; with the real packages there is nothing to count.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BuiltOnStandInsAttribute : ConditionBaseAttribute
{
    public BuiltOnStandInsAttribute() : base(ConditionMode.Include)
        => IgnoreMessage = "This build uses the real packages; nothing of offline/ was built.";

    public override string GroupName => nameof(BuiltOnStandInsAttribute);

    public override bool IsConditionMet => StandInTests.BuiltAssemblies("offline").Any();
}
