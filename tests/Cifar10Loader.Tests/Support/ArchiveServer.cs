using System.Net;
using System.Net.Sockets;

namespace Cifar10Loader.Tests;

/// <summary>A web server on the loopback address that serves one file, and misbehaves on request.</summary>
internal sealed class ArchiveServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _content;

    public ArchiveServer(byte[] content)
    {
        _content = content;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            Root = new Uri($"http://127.0.0.1:{port}/");
        }

        _listener.Prefixes.Add(Root.AbsoluteUri);
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public Uri Root { get; }

    /// <summary>The Range header of each request so far ("" where there was none).</summary>
    public List<string> Ranges { get; } = [];

    public bool IgnoreRanges { get; set; }

    /// <summary>Breaks the connection after so many bytes of the answer.</summary>
    public int? BreakAfter { get; set; }

    /// <summary>Sends the headers and then nothing.</summary>
    public bool FallSilent { get; set; }

    public HttpStatusCode? Refuse { get; set; }

    // The loop is not waited for: a request for the next context that crosses this call is never answered.
    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        var open = new List<HttpListenerContext>();
        while (true)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                open.Add(context);
                await AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                if (!_listener.IsListening)
                    break;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        string range = context.Request.Headers["Range"] ?? "";
        lock (Ranges)
            Ranges.Add(range);
        HttpListenerResponse response = context.Response;
        if (Refuse is { } status)
        {
            response.StatusCode = (int)status;
            response.Close();
            return;
        }

        int start = 0;
        if (range != "" && !IgnoreRanges)
        {
            start = int.Parse(range["bytes=".Length..^1]);
            if (start >= _content.Length)
            {
                response.StatusCode = (int)HttpStatusCode.RequestedRangeNotSatisfiable;
                response.Close();
                return;
            }

            response.StatusCode = (int)HttpStatusCode.PartialContent;
            response.Headers["Content-Range"] = $"bytes {start}-{_content.Length - 1}/{_content.Length}";
        }

        response.ContentLength64 = _content.Length - start;
        if (FallSilent)
        {
            await response.OutputStream.FlushAsync();
            return;
        }

        int count = Math.Min(BreakAfter ?? int.MaxValue, _content.Length - start);
        await response.OutputStream.WriteAsync(_content.AsMemory(start, count));
        if (count < _content.Length - start)
        {
            await response.OutputStream.FlushAsync();
            response.Abort();
        }
        else
        {
            response.Close();
        }
    }
}
