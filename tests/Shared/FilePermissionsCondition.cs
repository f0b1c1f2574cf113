namespace MlNetCnn.Tests;

/// <summary>Runs a test only where file permissions hold: on Unix, for anyone but root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FilePermissionsConditionAttribute : ConditionBaseAttribute
{
    public FilePermissionsConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "File permissions bind nobody here (not Unix, or root).";

    public override string GroupName => "FilePermissions";

    public override bool IsConditionMet => !OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess;
}
