using SoftSeg.DicomNode.Configuration;
using SoftSeg.DicomNode.Return;

namespace SoftSeg.DicomNode.Tests;

public sealed class DestinationTests
{
    readonly NodeConfiguration configuration = new()
    {
        Peers =
        [
            new() { Name = "pacs", AeTitle = "PACS", Host = "pacs" },
            new() { Name = "mr1", AeTitle = "MR1", Host = "mr1", ReturnTo = "pacs" },
            new() { Name = "research", AeTitle = "RESEARCH", Host = "research" },
        ],
    };

    [Theory]
    [InlineData("PACS", "pacs")]
    [InlineData("MR1", "pacs")]
    [InlineData("RESEARCH", "research")]
    public void Results_go_to_the_sender_or_to_its_ReturnTo(string sender, string peer) =>
        Assert.Equal([peer], Find([sender], out _));

    [Fact]
    public void Two_senders_with_one_PACS_get_one_delivery() =>
        Assert.Equal(["pacs"], Find(["MR1", "PACS"], out _));

    [Fact]
    public void Further_destinations_come_in_addition()
    {
        configuration.Return.To = ["origin", "research"];
        Assert.Equal(["pacs", "research"], Find(["MR1"], out _));
    }

    [Fact]
    public void A_sender_that_is_no_peer_is_named_with_the_line_to_add()
    {
        Assert.Empty(Find(["STRANGER"], out var problems));
        Assert.Contains("\"AeTitle\": \"STRANGER\"", Assert.Single(problems), StringComparison.Ordinal);
    }

    string[] Find(string[] origins, out IReadOnlyList<string> problems) =>
        [.. Destinations.Of(origins, configuration, out problems).Select(peer => peer.Name)];
}
