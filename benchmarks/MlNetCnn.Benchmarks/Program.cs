using System.CommandLine;
using MlNetCnn.Benchmarks;

var root = new RootCommand("Measures MlNetCnn beside its peers. Each command prints both figures of one run and their ratio.");
root.Subcommands.Add(ImagePipelineBenchmark.CreateCommand());
root.Subcommands.Add(CifarReadBenchmark.CreateCommand());
root.Subcommands.Add(TrainingStepBenchmark.CreateCommand());
root.Subcommands.Add(ConvolutionBenchmark.CreateCommand());
root.Subcommands.Add(MemoryFlatBenchmark.CreateCommand());
root.Subcommands.Add(MemoryBenchmark.CreateCommand());
root.Subcommands.Add(EngineOverheadBenchmark.CreateCommand());
root.Subcommands.Add(OnnxBenchmark.CreateCommand());
root.Subcommands.Add(ServeBenchmark.CreateCommand());
root.Subcommands.Add(ScoringBenchmark.CreateCommand());
var goals = new Option<bool>("--goals") { Description = "Print one line for each goal: name, ratio and goal, with tabs between them.", Recursive = true };
root.Options.Add(goals);
Output.GoalsOnly = args.Contains(goals.Name);
root.Subcommands.Add(DistributedBenchmark.CreateCommand());
return root.Parse(args).Invoke();
