using System.CommandLine;
using SoftSeg.SegEngine;
using SoftSeg.SegTrainer.Training;

namespace SoftSeg.SegTrainer.Commands;

/// <summary>Runs a command's work; what a person can put right is one line on the error stream, and the exit code is 1.</summary>
static class Outcome
{
    public static int Of(ParseResult command, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is TrainingException or ModelPackageException or EngineException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            command.InvocationConfiguration.Error.WriteLine($"softseg-train: {error.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            command.InvocationConfiguration.Error.WriteLine("softseg-train: stopped; nothing half-written is left.");
            return 2;
        }
    }

    /// <exception cref="TrainingException">The folder does not exist.</exception>
    public static void RequireFolder(string option, string path)
    {
        if (!Directory.Exists(path))
            throw new TrainingException($"The folder '{path}' that {option} names does not exist.");
    }
}
