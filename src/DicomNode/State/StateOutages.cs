using System.Data.Common;
using Hangfire.Server;

namespace SoftSeg.DicomNode.State;

/// <summary>
/// Notes that a step died because the state did not answer (its server restarts, say). Such a step could not even write down that it failed: what was under way
/// is taken up when the state answers again, as after a start.
/// </summary>
public sealed class StateOutages : IServerFilter
{
    volatile bool noted;

    public void OnPerforming(PerformingContext context)
    {
    }

    public void OnPerformed(PerformedContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // Hangfire wraps what a job throws.
        for (var error = context.Exception; error is not null; error = error.InnerException)
        {
            if (error is DbException)
                noted = true;
        }
    }

    /// <summary>Whether a step died so since the last call.</summary>
    public bool Take()
    {
        var taken = noted;
        noted = false;
        return taken;
    }
}
