using System.Reflection;
using Microsoft.AspNetCore.RateLimiting;
using Prometheus;

namespace ServeImages;

/// <summary>Puts the service together.</summary>
internal static class ImageService
{
    private const string OneOfMany = "predict";

    /// <summary>Loads the model and makes the service, which does not listen yet.</summary>
    /// <exception cref="InvalidDataException">The model cannot be used.</exception>
    /// <exception cref="IOException">The model cannot be read.</exception>
    public static WebApplication Build(ServeOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.Urls.Split(';'));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // LimitedBody has the limit.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.RequestHeadersTimeout = options.Timeout;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + (2 * options.Timeout));
        builder.Services.AddProblemDetails();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.AddConcurrencyLimiter(OneOfMany, limit => limit.PermitLimit = options.Concurrency);
            limiter.OnRejected = (refused, _) => new ValueTask(Problem.TooManyRequests(options.Concurrency).ExecuteAsync(refused.HttpContext));
        });
        var metrics = new ServiceMetrics();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton(services => new CurrentModel(options, metrics, services.GetRequiredService<ILogger<CurrentModel>>()));
        builder.Services.AddHostedService<ModelWatch>();
        builder.Services.AddSingleton<Prediction>();

        var app = builder.Build();
        var model = app.Services.GetRequiredService<CurrentModel>();
        model.Load();

        app.UseExceptionHandler();
        app.UseStatusCodePages();
        StopGently(app, options, model, metrics);
        app.UseRateLimiter();
        app.MapPost("/predict", (HttpContext context, Prediction prediction) => prediction.PredictAsync(context)).RequireRateLimiting(OneOfMany);
        app.MapPost("/explain", (HttpContext context, Prediction prediction) => prediction.ExplainAsync(context)).RequireRateLimiting(OneOfMany);
        app.MapGet("/health", () => model.Health());
        app.MapMetrics(registry: metrics.Registry);
        foreach (var (path, file, type) in new[] { ("/", "page.html", "text/html"), ("/page.css", "page.css", "text/css"), ("/page.js", "page.js", "text/javascript") })
            app.MapGet(path, (HttpResponse response) => Page(response, file, type));
        return app;
    }

    /// <summary>
    /// Once the process is told to stop it goes on for a moment, with bad health and closing connections, so that whoever sends the
    /// requests turns elsewhere. Then nothing is accepted any more, and what was accepted is answered.
    /// </summary>
    private static void StopGently(WebApplication app, ServeOptions options, CurrentModel model, ServiceMetrics metrics)
    {
        app.Use((context, next) =>
        {
            if (model.IsStopping)
                context.Response.Headers.Connection = "close";
            return next(context);
        });
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            model.IsStopping = true;
            app.Logger.LogInformation("Stopping: requests are accepted for another {Drain} s, and all that were accepted are answered.", options.Drain.TotalSeconds);
            Thread.Sleep(options.Drain);
        });
        app.Lifetime.ApplicationStopped.Register(() => app.Logger.LogInformation(
            "Stopped: {Accepted} requests were accepted, {Answered} answered.", metrics.Accepted.Value, metrics.Answered));
    }

    private static IResult Page(HttpResponse response, string file, string type)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-cache";
        return Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!, $"{type}; charset=utf-8");
    }
}
