using System.CommandLine;

namespace CifarExamples;

/// <summary>Runs an example: its command line, Ctrl-C, and errors as one line with an exit code.</summary>
public static class ExampleProgram
{
    public static async Task<int> RunAsync(RootCommand command, string[] args, Func<ParseResult, CancellationToken, int> run)
    {
        // On a thread of its own: Ctrl-C is listened to only once the action has handed back its task.
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(run, arguments, cancellation), CancellationToken.None));

        // Ctrl-C ends the step at hand and keeps the best network so far; give it the time to save it.
        return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });
    }

    private static int Run(Func<ParseResult, CancellationToken, int> run, ParseResult arguments, CancellationToken cancellation)
    {
        try
        {
            return run(arguments, cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped before the first epoch was done: there is no model to keep.");
            return ExitCode.Canceled;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException
            or FormatException or InvalidOperationException or InvalidDataException or HttpRequestException)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return ExitCode.Failed;
        }
    }
}

public static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Canceled = 130;
}
