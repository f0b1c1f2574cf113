using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Components of a network: named parameters, buffers and child modules.</summary>
        public partial class Module : IDisposable
        {
            private readonly OrderedDictionary<string, Parameter> _parameters = [];
            private readonly OrderedDictionary<string, (Tensor Tensor, bool Persistent)> _buffers = [];
            private readonly OrderedDictionary<string, Module> _children = [];
            private readonly string _name;
            private bool _componentsRegistered;
            private bool _disposed;

            protected Module(string name) => _name = name;

            public bool training { get; private set; } = true;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var child in _children.Values)
                    child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var child in _children.Values)
                    child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var grad = parameter.grad;
                    if (grad is null)
                        continue;
                    if (set_to_none)
                        parameter.grad = null;
                    else
                        grad.zero_();
                }
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), $"Parameter '{name}' of {_name} has no tensor.");
                if (!_parameters.TryAdd(name, param))
                    throw new InvalidOperationException($"{_name} already has a parameter named '{name}'.");
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), $"Buffer '{name}' of {_name} has no tensor.");
                if (!_buffers.TryAdd(name, (tensor, persistent)))
                    throw new InvalidOperationException($"{_name} already has a buffer named '{name}'.");
            }

            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    _children.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name) || name.Contains('.'))
                    throw new ArgumentException($"'{name}' cannot name a module: a name is not empty and has no '.'.");
                if (_children.ContainsKey(name))
                    throw new InvalidOperationException($"{_name} already has a module named '{name}'.");
                submodule.RegisterComponents();
                _children.Add(name, submodule);
            }

            /// <summary>Registers the modules, parameters and tensors that the fields of the derived class hold.</summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered)
                    return;
                foreach (var field in ComponentFields())
                {
                    var name = ComponentName(field);
                    if (_children.ContainsKey(name) || _parameters.ContainsKey(name) || _buffers.ContainsKey(name))
                        continue;
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(name, module); break;
                        case Parameter parameter: register_parameter(name, parameter); break;
                        case Tensor tensor: register_buffer(name, tensor); break;
                    }
                }
                _componentsRegistered = true;
            }

            /// <summary>A child as containers add it: under any name, and without registering the child's own fields.</summary>
            internal void AddChild(string name, Module child) => _children.Add(name, child);

            internal Parameter? OwnParameter(string name) => _parameters.GetValueOrDefault(name);

            internal Tensor? OwnBuffer(string name) => _buffers.GetValueOrDefault(name).Tensor;

            /// <summary>Puts a parameter in the place of another, which is disposed; null leaves the place empty.</summary>
            internal void SetParameter(string name, Parameter? value)
            {
                var old = OwnParameter(name);
                if (ReferenceEquals(old, value))
                    return;
                old?.Dispose();
                if (value is null)
                    _parameters.Remove(name);
                else
                    _parameters[name] = (Parameter)value.DetachFromDisposeScope();
            }

            /// <summary>Puts a buffer in the place of another, which is disposed; null leaves the place empty.</summary>
            internal void SetBuffer(string name, Tensor? value)
            {
                var (old, persistent) = _buffers.GetValueOrDefault(name, (null!, true));
                if (ReferenceEquals(old, value))
                    return;
                old?.Dispose();
                if (value is null)
                    _buffers.Remove(name);
                else
                    _buffers[name] = (value.DetachFromDisposeScope(), persistent);
            }

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr>();
                foreach (var (name, parameter) in _parameters)
                {
                    if (!parameter.IsInvalid && seen.Add(parameter.Handle))
                        yield return (name, parameter);
                }
                if (!recurse)
                    yield break;
                foreach (var (childName, child) in _children)
                {
                    foreach (var (name, parameter) in child.named_parameters())
                    {
                        if (seen.Add(parameter.Handle))
                            yield return ($"{childName}.{name}", parameter);
                    }
                }
            }

            /// <remarks>Buffers registered as not persistent are never listed, as in the real package.</remarks>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(
                bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr>();
                foreach (var (name, (buffer, persistent)) in _buffers)
                {
                    if (persistent && !buffer.IsInvalid && seen.Add(buffer.Handle))
                        yield return (name, buffer);
                }
                if (!recurse)
                    yield break;
                foreach (var (childName, child) in _children)
                {
                    foreach (var (name, buffer) in child.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(buffer.Handle))
                            yield return ($"{childName}.{name}", buffer);
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
                => _children.Select(child => (child.Key, child.Value));

            /// <summary>The modules below this one: the children first, then each child's own.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
                => named_children().Concat(
                    from child in _children
                    from below in child.Value.named_modules()
                    select ($"{child.Key}.{below.name}", below.module));

            public virtual IEnumerable<Parameter> parameters(bool recurse = true)
                => named_parameters(recurse).Select(named => named.parameter);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true)
                => named_buffers(recurse, include_nonpersistent).Select(named => named.buffer);

            public virtual IEnumerable<Module> children() => named_children().Select(named => named.module);

            public virtual IEnumerable<Module> modules() => named_modules().Select(named => named.module);

            public virtual Parameter? get_parameter(string target)
                => Find(target, (module, name) => module.OwnParameter(name));

            public virtual Tensor? get_buffer(string target)
                => Find(target, (module, name) => module.OwnBuffer(name));

            private T? Find<T>(string target, Func<Module, string, T?> own) where T : class
            {
                if (own(this, target) is { } found)
                    return found;
                var dot = target.IndexOf('.');
                return dot >= 0 && _children.TryGetValue(target[..dot], out var child)
                    ? child.Find(target[(dot + 1)..], own)
                    : null;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed)
                    return;
                _disposed = true;
                foreach (var (buffer, _) in _buffers.Values)
                    buffer.Dispose();
                foreach (var parameter in _parameters.Values)
                    parameter.Dispose();
                foreach (var child in _children.Values)
                    child.Dispose();
            }

            private static string ComponentName(FieldInfo field)
                => field.GetCustomAttribute<Utils.ComponentNameAttribute>()?.Name ?? field.Name;

            /// <summary>The instance fields of this object's class and its bases, the most derived class first.</summary>
            private IEnumerable<FieldInfo> ComponentFields()
            {
                const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
                                              | BindingFlags.DeclaredOnly;
                var names = new HashSet<string>();
                for (var type = GetType(); type != typeof(Module); type = type.BaseType!)
                {
                    foreach (var field in type.GetFields(declared).Where(field => names.Add(field.Name)))
                        yield return field;
                }
            }
        }

        /// <summary>Anything that computes a result from one input.</summary>
        public interface IModule<in T, out TResult>
        {
            TResult call(T input);
        }

        /// <summary>A module that computes a result from one input.</summary>
        public abstract class Module<T, TResult> : Module, IModule<T, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T input);

            public TResult call(T input) => forward(input);
        }
    }
}
