using Microsoft.ML;

namespace MlNet.ResNet;

/// <summary>Trains a ResNet-18: basic blocks, 11.2 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
public sealed class ResNet18Trainer : ResNetTrainer
{
    /// <summary>A trainer with the default options and no log.</summary>
    public ResNet18Trainer()
        : this(new ResNetOptions())
    {
    }

    /// <summary>A trainer without a log.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet18Trainer(ResNetOptions options)
        : base(18, options, mlContext: null)
    {
    }

    /// <summary>A trainer that logs to a context.</summary>
    /// <param name="mlContext">Receives the log; its GPU is used where the options leave the device open.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet18Trainer(MLContext mlContext, ResNetOptions options)
        : base(18, options, mlContext)
    {
    }

    internal ResNet18Trainer(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ResNetOptions options)
        : base(18, options, catalog)
    {
    }
}

/// <summary>Trains a ResNet-34: basic blocks, 21.3 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
public sealed class ResNet34Trainer : ResNetTrainer
{
    /// <summary>A trainer with the default options and no log.</summary>
    public ResNet34Trainer()
        : this(new ResNetOptions())
    {
    }

    /// <summary>A trainer without a log.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet34Trainer(ResNetOptions options)
        : base(34, options, mlContext: null)
    {
    }

    /// <summary>A trainer that logs to a context.</summary>
    /// <param name="mlContext">Receives the log; its GPU is used where the options leave the device open.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet34Trainer(MLContext mlContext, ResNetOptions options)
        : base(34, options, mlContext)
    {
    }

    internal ResNet34Trainer(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ResNetOptions options)
        : base(34, options, catalog)
    {
    }
}

/// <summary>Trains a ResNet-50: bottleneck blocks, 23.5 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
public sealed class ResNet50Trainer : ResNetTrainer
{
    /// <summary>A trainer with the default options and no log.</summary>
    public ResNet50Trainer()
        : this(new ResNetOptions())
    {
    }

    /// <summary>A trainer without a log.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet50Trainer(ResNetOptions options)
        : base(50, options, mlContext: null)
    {
    }

    /// <summary>A trainer that logs to a context.</summary>
    /// <param name="mlContext">Receives the log; its GPU is used where the options leave the device open.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet50Trainer(MLContext mlContext, ResNetOptions options)
        : base(50, options, mlContext)
    {
    }

    internal ResNet50Trainer(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ResNetOptions options)
        : base(50, options, catalog)
    {
    }
}

/// <summary>Trains a ResNet-101: bottleneck blocks, 42.5 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
public sealed class ResNet101Trainer : ResNetTrainer
{
    /// <summary>A trainer with the default options and no log.</summary>
    public ResNet101Trainer()
        : this(new ResNetOptions())
    {
    }

    /// <summary>A trainer without a log.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet101Trainer(ResNetOptions options)
        : base(101, options, mlContext: null)
    {
    }

    /// <summary>A trainer that logs to a context.</summary>
    /// <param name="mlContext">Receives the log; its GPU is used where the options leave the device open.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet101Trainer(MLContext mlContext, ResNetOptions options)
        : base(101, options, mlContext)
    {
    }

    internal ResNet101Trainer(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ResNetOptions options)
        : base(101, options, catalog)
    {
    }
}

/// <summary>Trains a ResNet-152: bottleneck blocks, 58.1 million parameters besides the classifier's.</summary>
/// <inheritdoc cref="ResNetTrainer"/>
public sealed class ResNet152Trainer : ResNetTrainer
{
    /// <summary>A trainer with the default options and no log.</summary>
    public ResNet152Trainer()
        : this(new ResNetOptions())
    {
    }

    /// <summary>A trainer without a log.</summary>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet152Trainer(ResNetOptions options)
        : base(152, options, mlContext: null)
    {
    }

    /// <summary>A trainer that logs to a context.</summary>
    /// <param name="mlContext">Receives the log; its GPU is used where the options leave the device open.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public ResNet152Trainer(MLContext mlContext, ResNetOptions options)
        : base(152, options, mlContext)
    {
    }

    internal ResNet152Trainer(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ResNetOptions options)
        : base(152, options, catalog)
    {
    }
}
