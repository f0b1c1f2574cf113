namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        /// <summary>Modules called one after the other; what passes between two of them is disposed.</summary>
        public class Sequential : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly List<torch.nn.IModule<torch.Tensor, torch.Tensor>> _modules = [];

            internal Sequential() : base(nameof(Sequential)) { }

            public int Count => _modules.Count;

            [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
            public torch.nn.IModule<torch.Tensor, torch.Tensor> this[int index] => _modules[index];

            public Sequential append(torch.nn.IModule<torch.Tensor, torch.Tensor> module)
                => append(_modules.Count.ToString(), module);

            public Sequential append(string name, torch.nn.IModule<torch.Tensor, torch.Tensor> module)
            {
                AddChild(name, (torch.nn.Module)module);
                _modules.Add(module);
                return this;
            }

            public override torch.Tensor forward(torch.Tensor tensor)
            {
                if (_modules.Count == 0)
                    return tensor.alias();
                var result = _modules[0].call(tensor);
                foreach (var module in _modules.Skip(1))
                {
                    var intermediate = result;
                    result = module.call(intermediate);
                    intermediate.Dispose();
                }
                return result;
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => new();

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules)
            {
                var sequential = new Sequential();
                foreach (var (name, module) in modules)
                    sequential.append(name, module);
                return sequential;
            }

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules)
                => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var sequential = new Sequential();
                foreach (var module in modules)
                    sequential.append(module);
                return sequential;
            }
        }
    }
}
