using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace ServeImages;

/// <summary>An image that was sent; the name is empty where there is none.</summary>
internal sealed record SentImage(string Name, byte[] File);

/// <summary>Reads the images out of a request.</summary>
internal static class Uploads
{
    private const string Accepted = "an image (image/* or application/octet-stream), or multipart/form-data with one or several";

    /// <summary>Reads one image as the body, or all files of a form.</summary>
    /// <exception cref="RefusedException">There is no image, or too much of it.</exception>
    /// <exception cref="OperationCanceledException">The sender took too long, or is gone.</exception>
    public static async Task<SentImage[]> ReadAsync(HttpRequest request, ServeOptions options, CancellationToken cancellation)
    {
        if (request.ContentLength > options.MaximumBytes)
            throw LimitedBody.TooLarge(options.MaximumBytes);
        request.Body = new LimitedBody(request.Body, options.MaximumBytes);
        try
        {
            return request.HasFormContentType && IsMultipart(request)
                ? await ReadFormAsync(request, options, cancellation)
                : [new SentImage("", await ReadBodyAsync(request, options, cancellation))];
        }
        catch (BadHttpRequestException e)
        {
            throw Refused(e);
        }
        catch (IOException e) when (e.InnerException is BadHttpRequestException bad)
        {
            throw Refused(bad);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, $"The body is no complete form: {e.Message}", e);
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpRequest request, ServeOptions options, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !(type.Type.Equals("image", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)))
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType,
                $"The content type is {(string.IsNullOrEmpty(request.ContentType) ? "missing" : $"'{request.ContentType}'")}; send {Accepted}.");
        if (request.Headers.ContentEncoding.Count > 0)
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType, $"The content encoding is '{request.Headers.ContentEncoding}'; send images as they are.");
        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        await request.Body.CopyToAsync(body, cancellation);
        return body.Length > 0 ? body.ToArray() : throw new RefusedException(StatusCodes.Status400BadRequest, $"The body is empty; send {Accepted}.");
    }

    private static async Task<SentImage[]> ReadFormAsync(HttpRequest request, ServeOptions options, CancellationToken cancellation)
    {
        // In memory: what does not fit is refused before it could go to disk.
        var form = new FormFeature(request, new FormOptions
        {
            MemoryBufferThreshold = (int)Math.Min(options.MaximumBytes + 1, int.MaxValue),
            MultipartBodyLengthLimit = options.MaximumBytes,
            ValueCountLimit = options.MaximumImages + 1,
        });
        var files = (await form.ReadFormAsync(cancellation)).Files;
        if (files.Count == 0)
            throw new RefusedException(StatusCodes.Status400BadRequest, "The form has no file; give its parts file names.");
        if (files.Count > options.MaximumImages)
            throw new RefusedException(StatusCodes.Status413PayloadTooLarge, $"The form has {files.Count} files; at most {options.MaximumImages} are accepted.");

        var images = new SentImage[files.Count];
        for (int i = 0; i < images.Length; i++)
        {
            using var content = new MemoryStream((int)files[i].Length);
            await files[i].CopyToAsync(content, cancellation);
            images[i] = new SentImage(files[i].FileName, content.ToArray());
        }
        return images;
    }

    private static bool IsMultipart(HttpRequest request) =>
        request.ContentType!.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    private static RefusedException Refused(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new RefusedException(e.StatusCode, "The body came too slowly.", e),
        var status => new RefusedException(status, $"The request is malformed: {e.Message}", e),
    };
}
