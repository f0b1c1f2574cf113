using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Operations on numbers that live until they are done. TorchSharp takes a number as a <see cref="Scalar"/> of native memory and lets
/// the garbage collector finalize it as soon as its handle is read: a collection at that moment frees what the operation is about to read.
/// </summary>
internal static class ScalarArithmetic
{
    /// <summary>Multiplies a tensor in place.</summary>
    public static Tensor MultiplyBy(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor;
        return tensor.mul_(scalar);
    }

    /// <summary>Adds a multiple of another tensor in place.</summary>
    public static Tensor AddMultiple(this Tensor tensor, Tensor other, double factor)
    {
        using Scalar scalar = factor;
        return tensor.add_(other, scalar);
    }

    /// <summary>Adds a multiple of a product of two tensors in place.</summary>
    public static Tensor AddProduct(this Tensor tensor, Tensor first, Tensor second, double factor)
    {
        using Scalar scalar = factor;
        return tensor.addcmul_(first, second, scalar);
    }

    /// <summary>Adds another tensor in place; TorchSharp's own method has the factor 1 as such a number.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other) => tensor.AddMultiple(other, 1);

    /// <summary>Adds a number in place.</summary>
    public static Tensor AddInPlace(this Tensor tensor, double number)
    {
        using Scalar scalar = number, one = 1;
        return tensor.add_(scalar, one);
    }

    /// <summary>Adds 1 in place, also to whole numbers.</summary>
    public static Tensor Increment(this Tensor tensor)
    {
        using Scalar one = 1;
        return tensor.add_(one, one);
    }

    /// <summary>A product.</summary>
    public static Tensor Times(this Tensor tensor, double factor)
    {
        using Scalar scalar = factor;
        return tensor.mul(scalar);
    }

    /// <summary>A quotient.</summary>
    public static Tensor DividedBy(this Tensor tensor, double divisor)
    {
        using Scalar scalar = divisor;
        return tensor.div(scalar);
    }
}
