namespace BuildLogic.Tests;

[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    public void The_code_of_the_readme_is_the_quick_start_example_which_compiles()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var example = File.ReadAllText(Path.Combine(Repository.Root, "examples/QuickStart/Program.cs"));

        var begin = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var end = readme.IndexOf("```", begin, StringComparison.Ordinal);

        Assert.AreEqual(example, readme[begin..end]);
    }
}
