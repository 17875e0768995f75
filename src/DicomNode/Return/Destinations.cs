using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Return;

/// <summary>Where the results of a series go (decision 10): a table of peers, never a socket's source port.</summary>
public static class Destinations
{
    /// <param name="origins">The calling AE titles that sent the series.</param>
    /// <param name="problems">Origins without a usable peer, each with the line of configuration to add.</param>
    /// <param name="to">What a rule says in place of <c>Return:To</c>.</param>
    public static IReadOnlyList<PeerSettings> Of(
        IReadOnlyCollection<string> origins, NodeConfiguration configuration, out IReadOnlyList<string> problems, IReadOnlyList<string>? to = null)
    {
        var peers = new List<PeerSettings>();
        var missing = new List<string>();
        foreach (var destination in to is { Count: > 0 } ? to : configuration.Return.To)
        {
            if (!destination.Equals(ReturnSettings.Origin, StringComparison.OrdinalIgnoreCase))
            {
                Add(configuration.FindPeer(destination));
                continue;
            }
            foreach (var origin in origins)
            {
                if (OfOrigin(origin, configuration) is { } peer)
                    Add(peer);
                else
                    missing.Add($"the sender {origin} is not a peer, so its results have nowhere to go; add to Peers: {PeerLine(origin)}");
            }
        }
        problems = missing;
        return peers;

        void Add(PeerSettings? peer)
        {
            if (peer is not null && !peers.Contains(peer))
                peers.Add(peer);
        }
    }

    /// <summary>The line of configuration that makes an AE title a peer.</summary>
    public static string PeerLine(string aeTitle) =>
        $"{{ \"Name\": \"{aeTitle.Trim().ToLowerInvariant()}\", \"AeTitle\": \"{aeTitle.Trim()}\", \"Host\": \"...\", \"Port\": 104 }}";

    static PeerSettings? OfOrigin(string aeTitle, NodeConfiguration configuration)
    {
        var sender = configuration.FindPeerByAeTitle(aeTitle);
        return sender is { ReturnTo.Length: > 0 } ? configuration.FindPeer(sender.ReturnTo) : sender;
    }
}
