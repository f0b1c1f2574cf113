namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        /// <summary>A tensor that a module learns. It takes the place of the tensor it is made of, which is left empty.</summary>
        public class Parameter : torch.Tensor
        {
            public Parameter(torch.Tensor data, bool requires_grad = true)
                : base(data.requires_grad_(requires_grad).MoveHandle(), register: false) =>
                DisposeScope.ReplaceWith(data, this);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
