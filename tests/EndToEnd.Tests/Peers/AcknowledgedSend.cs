namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>DCMTK's <c>storescu</c> as a sender that notes which files had an answer of success, also when the node died under it.</summary>
static class AcknowledgedSend
{
    /// <returns>The files that were answered with success.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(int port, string calledAeTitle, string callingAeTitle, IEnumerable<string> files)
    {
        var result = await ExternalProgram.Storescu.RunAsync(
            ["-v", "-aet", callingAeTitle, "-aec", calledAeTitle, "-to", "5", "-td", "60", "-R", "127.0.0.1", $"{port}", .. files], TimeSpan.FromMinutes(3));
        var acknowledged = new List<string>();
        var sending = "";
        foreach (var line in (result.Output + result.Error).Split('\n'))
        {
            if (line.StartsWith("I: Sending file: ", StringComparison.Ordinal))
                sending = line["I: Sending file: ".Length..].Trim();
            else if (line.StartsWith("I: Received Store Response (Success)", StringComparison.Ordinal))
                acknowledged.Add(sending);
        }
        return acknowledged;
    }
}
