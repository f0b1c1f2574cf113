namespace MlNet.ImageClassification;

/// <summary>Writes files so that nobody ever finds half of one: beside the file that may be there, then in its place.</summary>
internal static class FileReplacement
{
    /// <summary>The ending of a file that is still being written.</summary>
    public const string Unfinished = ".new";

    /// <summary>Writes a file; where that fails, what was there stays.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="write">Writes its content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        string beside = path + Unfinished;
        try
        {
            using (var file = File.Create(beside))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            // Part of a file is of no use and may be what fills the disk.
            if (File.Exists(beside))
                File.Delete(beside);
            throw;
        }
    }
}
