namespace Microsoft.ML.Data;

/// <summary>When a member of a chain is applied: a plain Transform is scoring.</summary>
[Flags]
public enum TransformerScope
{
    None = 0,
    Training = 1,
    Testing = 2,
    TrainTest = Training | Testing,
    Scoring = 4,
    Everything = Training | Testing | Scoring,
}
