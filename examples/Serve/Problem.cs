namespace ServeImages;

/// <summary>A request that cannot be answered as asked: a status and a sentence that says why.</summary>
internal sealed class RefusedException(int status, string reason, Exception? inner = null) : Exception(reason, inner)
{
    public int Status => status;
}

/// <summary>Refusals as problem details (RFC 9457).</summary>
internal static class Problem
{
    public static IResult Of(RefusedException refused) => Results.Problem(refused.Message, statusCode: refused.Status);

    public static IResult TooManyRequests(int concurrency) =>
        new Retry(Results.Problem($"As many requests as are served at once ({concurrency}) are being served; try again in a moment.", statusCode: StatusCodes.Status429TooManyRequests));

    private sealed class Retry(IResult problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = "1";
            return problem.ExecuteAsync(httpContext);
        }
    }
}
