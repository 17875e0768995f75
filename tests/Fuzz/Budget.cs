namespace SoftSeg.Fuzz;

/// <summary>How long one target is fuzzed: for a time, or for a number of executions.</summary>
readonly record struct Budget(double Seconds = 0, long Executions = 0)
{
    public bool IsSpent(long executions, TimeSpan elapsed) => Executions > 0 ? executions >= Executions : elapsed.TotalSeconds >= Seconds;
}
