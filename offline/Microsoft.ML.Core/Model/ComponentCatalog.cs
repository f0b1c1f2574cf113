using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>The classes that model files may name, from the assemblies registered so far.</summary>
public sealed class ComponentCatalog
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _assemblies = [];
    private readonly Dictionary<(string Name, Type Signature), Loadable> _loadables = [];

    internal ComponentCatalog()
    {
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_assemblies.Add(assembly.FullName))
                return;
            foreach (var attribute in assembly.GetCustomAttributes<LoadableClassAttributeBase>())
                Register(attribute, throwOnError);
            // The real catalog also looks through all types for extensions, so that an assembly with one type
            // that cannot be resolved cannot be registered at all. That must be met here, too.
            _ = assembly.GetTypes();
        }
    }

    /// <summary>
    /// Creates what <paramref name="loadName"/> stands for, or returns false where no registered class has that name.
    /// </summary>
    internal static bool TryCreateInstance<TRes, TSig>(
        IHostEnvironment env, out TRes result, string loadName, params object[] arguments)
        where TRes : class
    {
        var catalog = env.ComponentCatalog;
        Loadable loadable;
        lock (catalog._lock)
            catalog._loadables.TryGetValue((Normalize(loadName), typeof(TSig)), out loadable);
        result = loadable?.CreateInstance(env, arguments) as TRes;
        return result is not null;
    }

    private void Register(LoadableClassAttributeBase attribute, bool throwOnError)
    {
        var loadable = Loadable.TryCreate(attribute);
        if (loadable is null && throwOnError)
            throw Contracts.Except(
                $"Can't instantiate loadable class '{attribute.InstanceType.Name}' with name "
                + $"'{attribute.LoadNames[0]}'");
        if (loadable is null)
            return;

        foreach (var signature in attribute.SigTypes)
            foreach (string name in attribute.LoadNames)
                if (!_loadables.TryAdd((Normalize(name), signature), loadable) && throwOnError)
                    throw Contracts.Except(
                        $"ComponentCatalog cannot map name '{name}' and SignatureType '{signature}' to "
                        + $"{attribute.InstanceType.Name}, already mapped to "
                        + $"{_loadables[(Normalize(name), signature)].Type.Name}.");
    }

    private static string Normalize(string name) => name.ToLowerInvariant().Trim();

    private sealed class Loadable
    {
        private const BindingFlags AnyInstance =
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

        private const BindingFlags AnyStatic =
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

        private readonly Func<object[], object> _create;
        private readonly bool _takesEnvironment;

        private Loadable(Type type, MethodBase method, int argumentCount)
        {
            Type = type;
            _takesEnvironment = method.GetParameters().Length > argumentCount;
            _create = method is ConstructorInfo constructor
                ? constructor.Invoke
                : arguments => method.Invoke(null, arguments);
        }

        public Type Type { get; }

        public static Loadable TryCreate(LoadableClassAttributeBase attribute)
        {
            var (type, loader) = (attribute.InstanceType, attribute.LoaderType);
            Type[] plain = attribute.CtorTypes;
            Type[] withEnvironment = [typeof(IHostEnvironment), .. plain];

            var constructor = type.IsAssignableFrom(loader)
                ? loader.GetConstructor(AnyInstance, plain) ?? loader.GetConstructor(AnyInstance, withEnvironment)
                : null;
            var create = FindCreate(plain) ?? FindCreate(withEnvironment);
            if (constructor is not null && create is not null && Openness(constructor) == Openness(create))
                throw Contracts.Except(
                    $"Can't load type {type}, because it has both create and constructor methods with the same "
                    + "visibility. Please indicate which one should be used by changing either the signature or the "
                    + "visibility of one of them.");

            MethodBase method = constructor is null ? create
                : create is null || Openness(constructor) > Openness(create) ? constructor
                : create;
            return method is null ? null : new Loadable(type, method, plain.Length);

            MethodInfo FindCreate(Type[] parameters)
            {
                var found = loader.GetMethod("Create", AnyStatic, parameters);
                return found?.DeclaringType == loader && found.ReturnType == type ? found : null;
            }
        }

        public object CreateInstance(IHostEnvironment env, object[] arguments)
        {
            try
            {
                return _create(_takesEnvironment ? [env, .. arguments] : arguments);
            }
            catch (TargetInvocationException ex) when (ex.InnerException?.IsMarked() == true)
            {
                throw Contracts.Except(ex, "Error during class instantiation");
            }
        }

        // From private protected up to public, in the order in which C# lists them.
        private static int Openness(MethodBase method) =>
            method.IsFamilyAndAssembly ? 0
            : method.IsPrivate ? 1
            : method.IsFamily ? 2
            : method.IsFamilyOrAssembly ? 3
            : method.IsAssembly ? 4
            : 5;
    }
}
