using ImageScoring;

namespace PredictImages;

/// <summary>The whole job: load the model, read and score block by block, write.</summary>
internal static class Classification
{
    private const int BlockSize = 64;
    private const long MaximumPixels = 178_956_970;

    public const int Done = 0;
    public const int Failed = 1;
    public const int SomeFailed = 2;
    public const int Canceled = 130;

    public static int Run(string modelPath, string[] files, int top, string format, CancellationToken cancellation)
    {
        try
        {
            using var model = ImageModel.Load(modelPath, MaximumPixels);
            using var output = ResultWriter.Create(format, Console.Out, model.ClassNames, top);
            int classified = 0, failed = 0;
            foreach (string[] block in ImagePaths.Of(files, Console.In).Chunk(BlockSize))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var result in Classify(model, block, top))
                {
                    output.Write(result);
                    _ = result.Error is null ? classified++ : failed++;
                }
            }
            if (classified + failed == 0)
                Console.Error.WriteLine("error: no image was given: the folders hold none, or standard input was empty.");
            return classified == 0 ? Failed : failed == 0 ? Done : SomeFailed;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return Canceled;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or InvalidOperationException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return Failed;
        }
    }

    private static IEnumerable<Result> Classify(ImageModel model, string[] paths, int top)
    {
        var read = new (ReadyImage? Image, string? Error)[paths.Length];
        Parallel.For(0, paths.Length, i => read[i] = Read(model, paths[i]));
        var scores = new Queue<float[]>(model.Score([.. read.Select(image => image.Image).OfType<ReadyImage>()]));
        for (int i = 0; i < paths.Length; i++)
            yield return new Result(
                paths[i], read[i].Image is null ? [] : Guess.Best(model.ClassNames, scores.Dequeue(), top), read[i].Error);
    }

    private static (ReadyImage? Image, string? Error) Read(ImageModel model, string path)
    {
        try
        {
            return (model.Read(File.ReadAllBytes(path)), null);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "There is no such file.",
                _ => e.Message,
            });
        }
    }
}

/// <summary>What became of a file: guesses, best first, or why there are none.</summary>
internal sealed record Result(string Path, Guess[] Guesses, string? Error);
