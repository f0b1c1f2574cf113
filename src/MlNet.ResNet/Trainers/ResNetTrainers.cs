using Microsoft.ML.Runtime;

namespace MlNet.ResNet;

/// <summary>Trains a ResNet-18: basic blocks, 11.2 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
/// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open. Null
/// for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
/// <param name="options">How to train; copied. Null for the defaults.</param>
/// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
public sealed class ResNet18Trainer(IHostEnvironment? mlContext = null, ResNetOptions? options = null) : ResNetTrainer(18, options, mlContext)
{
    /// <summary>A trainer without a context: its log goes to <see cref="System.Diagnostics.Trace"/>.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet18Trainer(ResNetOptions options)
        : this(null, options)
    {
    }
}

/// <summary>Trains a ResNet-34: basic blocks, 21.3 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
/// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open. Null
/// for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
/// <param name="options">How to train; copied. Null for the defaults.</param>
/// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
public sealed class ResNet34Trainer(IHostEnvironment? mlContext = null, ResNetOptions? options = null) : ResNetTrainer(34, options, mlContext)
{
    /// <summary>A trainer without a context: its log goes to <see cref="System.Diagnostics.Trace"/>.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet34Trainer(ResNetOptions options)
        : this(null, options)
    {
    }
}

/// <summary>Trains a ResNet-50: bottleneck blocks, 23.5 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
/// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open. Null
/// for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
/// <param name="options">How to train; copied. Null for the defaults.</param>
/// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
public sealed class ResNet50Trainer(IHostEnvironment? mlContext = null, ResNetOptions? options = null) : ResNetTrainer(50, options, mlContext)
{
    /// <summary>A trainer without a context: its log goes to <see cref="System.Diagnostics.Trace"/>.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet50Trainer(ResNetOptions options)
        : this(null, options)
    {
    }
}

/// <summary>Trains a ResNet-101: bottleneck blocks, 42.5 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
/// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open. Null
/// for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
/// <param name="options">How to train; copied. Null for the defaults.</param>
/// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
public sealed class ResNet101Trainer(IHostEnvironment? mlContext = null, ResNetOptions? options = null) : ResNetTrainer(101, options, mlContext)
{
    /// <summary>A trainer without a context: its log goes to <see cref="System.Diagnostics.Trace"/>.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet101Trainer(ResNetOptions options)
        : this(null, options)
    {
    }
}

/// <summary>Trains a ResNet-152: bottleneck blocks, 58.1 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
/// <param name="mlContext">An MLContext: it receives the log, and its seed and GPU are used where the options leave them open. Null
/// for neither: the log then goes to <see cref="System.Diagnostics.Trace"/>.</param>
/// <param name="options">How to train; copied. Null for the defaults.</param>
/// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
public sealed class ResNet152Trainer(IHostEnvironment? mlContext = null, ResNetOptions? options = null) : ResNetTrainer(152, options, mlContext)
{
    /// <summary>A trainer without a context: its log goes to <see cref="System.Diagnostics.Trace"/>.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet152Trainer(ResNetOptions options)
        : this(null, options)
    {
    }
}
