namespace MlNet.ImageClassification;

/// <summary>Does something before or after each epoch, and keeps what it needs for that to itself.</summary>
internal interface ITrainingCallback
{
    /// <summary>Called before each epoch, in the order of the callbacks, when the network is set to train.</summary>
    void OnEpochStart(TrainingContext context, int epoch)
    {
    }

    /// <summary>Called after each step, when the weights have changed.</summary>
    void OnStepEnd()
    {
    }

    /// <summary>Called after each whole epoch, in the order of the callbacks; the epoch is the last of the context's.</summary>
    void OnEpochEnd(TrainingContext context)
    {
    }
}

/// <summary>A callback whose state a checkpoint keeps.</summary>
internal interface IStatefulCallback : ITrainingCallback
{
    /// <summary>Under which the state is kept.</summary>
    string Name { get; }

    void Save(BinaryWriter writer);

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    void Load(BinaryReader reader);
}
