namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows this attribute by its name, and then checks no access to that assembly.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
