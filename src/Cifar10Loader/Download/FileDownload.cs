using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Cifar10Loader;

/// <summary>Brings a published file to a path: into a .part file beside it, which an interrupted download goes on with.</summary>
internal sealed class FileDownload(PublishedFile file, string path)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30) })
    {
        // A slow line is no error; a silent one is, and ReceiveAsync watches for that.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public string TargetPath { get; } = Path.GetFullPath(path);

    public string PartPath => TargetPath + ".part";

    private string ByHand =>
        $"To do it by hand, download {file.Address} on any machine and put the file at '{TargetPath}'; then run again.";

    /// <summary>Checks a file that is there already.</summary>
    /// <exception cref="InvalidDataException">It is another file.</exception>
    public Task CheckTargetAsync(CancellationToken cancellationToken) =>
        CheckAsync(TargetPath, "Delete it, or replace it with a good copy.", cancellationToken);

    /// <summary>Downloads into the .part file and checks it.</summary>
    /// <param name="progress">Receives the bytes on disk and the size of the whole, where the server tells it.</param>
    /// <param name="cancellationToken">Stops the download; what has arrived stays.</param>
    /// <exception cref="HttpRequestException">The server cannot be reached or refuses; the message says what to do by hand.</exception>
    /// <exception cref="InvalidDataException">Another file arrived; it is deleted.</exception>
    public async Task ReceiveAsync(Action<long, long?>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await ReceivePartAsync(progress, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new HttpRequestException(
                e.HttpRequestError, $"{file.Address} could not be downloaded: {e.Message} {ByHand}", e, e.StatusCode);
        }

        try
        {
            await CheckAsync(PartPath, "The download was deleted; run again to repeat it. " + ByHand, cancellationToken);
        }
        catch (InvalidDataException)
        {
            File.Delete(PartPath);
            throw;
        }
    }

    private async Task ReceivePartAsync(Action<long, long?>? progress, CancellationToken cancellationToken)
    {
        await using var part = new FileStream(PartPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Address);
        if (part.Length > 0)
            request.Headers.Range = new RangeHeaderValue(part.Length, null);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(file.Patience);
        try
        {
            using HttpResponseMessage response =
                await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);

            // The .part file is already whole; the checksum decides.
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return;
            response.EnsureSuccessStatusCode();

            if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == part.Length)
                part.Seek(0, SeekOrigin.End);
            else
                part.SetLength(0);

            long? total = part.Position + response.Content.Headers.ContentLength;
            await using Stream body = await response.Content.ReadAsStreamAsync(patience.Token);
            await CopyAsync(body, part, total, progress, patience);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(
                $"the server sent nothing for {file.Patience.TotalSeconds:0} seconds; what arrived is kept, run again to go on.", e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(
                $"the transfer broke off ({e.Message}); what arrived is kept, run again to go on.", e);
        }
    }

    private async Task CopyAsync(
        Stream body, FileStream part, long? total, Action<long, long?>? progress, CancellationTokenSource patience)
    {
        var buffer = new byte[1 << 17];
        while (true)
        {
            patience.CancelAfter(file.Patience);
            int received = await body.ReadAsync(buffer, patience.Token);
            if (received == 0)
                return;
            if (part.Position + received > file.MaximumBytes)
            {
                throw new InvalidDataException(
                    $"{file.Address} sends more than {file.MaximumBytes:N0} bytes, so it is not the {file.Kind}. {ByHand}");
            }

            await part.WriteAsync(buffer.AsMemory(0, received), patience.Token);
            progress?.Invoke(part.Position, total);
        }
    }

    private async Task CheckAsync(string path, string advice, CancellationToken cancellationToken)
    {
        await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17);
        string checksum = Convert.ToHexStringLower(
            await CryptographicOperations.HashDataAsync(file.ChecksumAlgorithm, content, cancellationToken));
        if (!checksum.StartsWith(file.Checksum, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"'{path}' is not the {file.Kind} of {file.Address}: its {file.ChecksumAlgorithm} is {checksum}, expected {file.Checksum}. {advice}");
        }
    }
}
