using System.Collections;

namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        /// <summary>A list of modules, registered under their positions when the list itself is registered.</summary>
        public class ModuleList<T> : torch.nn.Module, IEnumerable<T> where T : torch.nn.Module
        {
            private readonly List<T> _modules;
            private bool _registered;

            public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => _modules = [.. modules];

            public int Count => _modules.Count;

            public T this[int index] => _modules[index];

            public void Add(T item) => _modules.Add(item);

            public IEnumerator<T> GetEnumerator() => _modules.GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

            protected override void RegisterComponents()
            {
                if (_registered)
                    return;
                for (var i = 0; i < _modules.Count; i++)
                    register_module(i.ToString(), _modules[i]);
                _registered = true;
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
