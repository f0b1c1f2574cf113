using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>How a class is created that a model file names: from the context its data is read from.</summary>
internal delegate void SignatureLoadModel(ModelLoadContext ctx);

/// <summary>Tells the <see cref="ComponentCatalog"/> of a class that can be created by name.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class LoadableClassAttribute : LoadableClassAttributeBase
{
    public LoadableClassAttribute(
        Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, sigTypes, userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, sigTypes, userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        string summary, Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        string summary,
        Type instType,
        Type loaderType,
        Type argType,
        Type sigType,
        string userName,
        params string[] loadNames)
        : base(summary, instType, loaderType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        string summary, Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, sigTypes, userName, loadNames)
    {
    }

    public LoadableClassAttribute(
        string summary,
        Type instType,
        Type loaderType,
        Type argType,
        Type[] sigTypes,
        string userName,
        params string[] loadNames)
        : base(summary, instType, loaderType, argType, sigTypes, userName, loadNames)
    {
    }
}

internal abstract class LoadableClassAttributeBase : Attribute
{
    protected LoadableClassAttributeBase(
        string summary,
        Type instType,
        Type loaderType,
        Type argType,
        Type[] sigTypes,
        string userName,
        string[] loadNames)
    {
        Contracts.CheckValue(instType, nameof(instType));
        Contracts.CheckValue(loaderType, nameof(loaderType));
        Contracts.CheckParam(
            sigTypes is { Length: > 0 }, nameof(sigTypes), $"{nameof(sigTypes)} cannot be null or empty");
        if (loadNames is not { Length: > 0 })
            loadNames = [userName];
        Contracts.CheckParam(
            !loadNames.Any(string.IsNullOrWhiteSpace),
            nameof(loadNames),
            "LoadableClass loadName parameter can't be empty");

        Type[] parameters = ParametersOf(sigTypes[0]);
        foreach (var sigType in sigTypes)
            Contracts.CheckParam(
                ParametersOf(sigType).SequenceEqual(parameters),
                nameof(sigTypes),
                "LoadableClass signatures must have the same set of parameters");

        Summary = summary;
        InstanceType = instType;
        LoaderType = loaderType;
        SigTypes = sigTypes;
        CtorTypes = argType is null ? parameters : [argType, .. parameters];
        UserName = userName;
        LoadNames = loadNames;
    }

    public string Summary { get; }

    public Type InstanceType { get; }

    /// <summary>The type whose constructor or static method Create makes the instances.</summary>
    public Type LoaderType { get; }

    public Type[] SigTypes { get; }

    public Type[] CtorTypes { get; }

    public string UserName { get; }

    public string[] LoadNames { get; }

    private static Type[] ParametersOf(Type sigType)
    {
        Contracts.CheckValue(sigType, "sigTypes");
        var invoke = sigType.BaseType == typeof(MulticastDelegate) ? sigType.GetMethod("Invoke") : null;
        Contracts.CheckParam(
            invoke is not null, "sigTypes", "LoadableClass signature type must be a delegate type");
        Contracts.CheckParam(
            invoke.ReturnType == typeof(void),
            "sigTypes",
            "LoadableClass signature type must be a delegate type with void return");
        return [.. invoke.GetParameters().Select(parameter => parameter.ParameterType)];
    }
}
