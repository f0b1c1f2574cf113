namespace MlNet.ResNet;

/// <summary>Which layer of a bottleneck block takes the stride. Networks of basic blocks (18, 34) are the same in both.</summary>
public enum ResNetVersion
{
    /// <summary>The 3x3 convolution: a little more work and accuracy; what torchvision and most others mean by ResNet-50.</summary>
    V1_5,

    /// <summary>The first 1x1 convolution, as the paper has it.</summary>
    V1,
}
