using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Tests;

public sealed class ConfigurationTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("softseg-configuration-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_shipped_file_is_valid_and_says_the_defaults()
    {
        var shipped = ConfigurationFile.Load(Path.Combine(Repository.Root, "conf/softseg.json"));
        var defaults = new NodeConfiguration();
        Assert.Equal(defaults.Node.AeTitle, shipped.Node.AeTitle);
        Assert.Equal(defaults.Node.Port, shipped.Node.Port);
        Assert.Equal(defaults.Node.MaxAssociations, shipped.Node.MaxAssociations);
        Assert.Equal(defaults.Assemble.IdleSeconds, shipped.Assemble.IdleSeconds);
        Assert.Equal(defaults.Engine.Model, shipped.Engine.Model);
        Assert.Equal(defaults.Engine.AllowModelWithoutGate, shipped.Engine.AllowModelWithoutGate);
        Assert.Equal(defaults.Return.To, shipped.Return.To);
        Assert.Equal(defaults.Return.RetrySeconds, shipped.Return.RetrySeconds);
        Assert.True(shipped.Results.NotForClinicalUse);
        Assert.Equal("PACS", Assert.Single(shipped.Peers).AeTitle);
    }

    [Fact]
    public void A_rule_that_asks_nothing_sensible_is_an_error()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load("""
            { "Rules": { "List": [
              { "Name": "a", "To": [ "nobody" ], "Results": [ "Everything" ], "When": [
                { "Attribute": "BodyPart", "Is": "NECK" },
                { "Attribute": "Slices", "Is": "1", "From": 2 },
                { "Attribute": "Slices", "From": 3, "To": 2 },
                { "Attribute": "SeriesDescription", "Matches": "(" } ] } ] } }
            """));
        Assert.Equal(6, error.Errors.Count);
        Assert.Contains(error.Errors, line => line.Contains(":3: Rules:List:0:When:0:Attribute: \"BodyPart\"", StringComparison.Ordinal));
        Assert.Contains(error.Errors, line => line.Contains(":4: Rules:List:0:When:1: says several things", StringComparison.Ordinal));
        Assert.Contains(error.Errors, line => line.Contains(":5: Rules:List:0:When:2:From: got 3, expected at most To, 2", StringComparison.Ordinal));
        Assert.Contains(error.Errors, line => line.Contains(":6: Rules:List:0:When:3:Matches", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_error_is_told_at_once_with_its_line()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load("""
            {
              "Node": {
                "AeTitle": "A TITLE THAT IS TOO LONG",
                "Port": "many",
                "Prot": 104
              },
              "Peers": [
                { "Name": "pacs", "AeTitle": "PACS", "Host": "", "Port": 70000 }
              ],
              "Engine": { "Provider": "tpu" }
            }
            """));
        Assert.Equal(6, error.Errors.Count);
        AssertLine(error, 3, "Node:AeTitle", "1 to 16");
        AssertLine(error, 4, "Node:Port", "got \"many\", expected a whole number");
        AssertLine(error, 5, "Node:Prot", "no such setting; expected AeTitle, Aliases, Port");
        AssertLine(error, 8, "Peers:0:Host", "missing or empty");
        AssertLine(error, 8, "Peers:0:Port", "got 70000, expected 1 to 65535");
        AssertLine(error, 10, "Engine:Provider", "expected auto, tensorrt, cuda or cpu");
    }

    [Fact]
    public void Peers_and_destinations_must_be_known_and_distinct()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load("""
            {
              "Peers": [
                { "Name": "mr1", "AeTitle": "MR", "Host": "mr1", "ReturnTo": "pakcs" },
                { "Name": "mr1", "AeTitle": "MR", "Host": "mr2" }
              ],
              "Return": { "To": [ "origin", "archive" ] }
            }
            """));
        AssertLine(error, 3, "Peers:0:ReturnTo", "\"pakcs\" is not the Name of a peer");
        AssertLine(error, 4, "Peers:1:Name", "taken by another peer");
        AssertLine(error, 4, "Peers:1:AeTitle", "taken by another peer");
        AssertLine(error, 6, "Return:To:1", "\"archive\" is not the Name of a peer; expected origin, mr1");
    }

    [Theory]
    [InlineData("""{ "Node": { "Port": 104,\n "port": 105 } }""", ": Node:port stands there twice, in line 1 and in line 2")]
    [InlineData("""{ "Peers": { "Name": "p" } }""", ":1: Peers: got an object with \"Name\", expected a list")]
    [InlineData("""{ "Node": { "AeTitle": null } }""", ":1: Node:AeTitle: got null, expected text")]
    [InlineData("""{ "Node": { "AeTitle": [ "A", "B" ] } }""", ":1: Node:AeTitle: got an object or a list, expected text")]
    [InlineData("""{ "Peers": [ { "Name": "p", "AeTitle": "P", "Host": "not a host!" } ] }""", ":1: Peers:0:Host: got \"not a host!\", expected a host name or an address")]
    [InlineData("""{ "Peers": [ { "Name": "Origin", "AeTitle": "P", "Host": "h" } ] }""", ":1: Peers:0:Name: \"Origin\" stands for the sender")]
    [InlineData("""{ "Peers": [ { "Name": "p", "AeTitle": "P", "Host": "h", "Passcode": "x" } ] }""", ":1: Peers:0:Passcode: belongs to no User")]
    [InlineData("""{ "Node": { "Port": 11180 } }""", ": Web:Port: got 11180, which is Node:Port; expected another port")]
    [InlineData("""{ "Node": { "Port": 2762 },\n "Tls": { "Port": 2762 } }""", ":2: Tls:Port: got 2762, which is Node:Port")]
    [InlineData("""{ "Tls": { "Port": 2762, "Certificate": "node.pem" } }""", ":1: Tls:Key: is empty; expected the PEM file")]
    [InlineData("""{ "Node": { "PostgreSql": "Hots=db;Password=hush" } }""", ":1: Node:PostgreSql: is no connection string; expected one such as Host=")]
    [InlineData("""{ "Tls": { "Port": 2762, "Revocation": "Never" } }""", ":1: Tls:Revocation: got \"Never\", expected NoCheck, Offline or Online")]
    public void A_wrong_setting_is_told_by_its_line_with_what_is_allowed(string json, string words)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(json.Replace("\\n", "\n", StringComparison.Ordinal)));
        Assert.Contains(error.Errors, line => line.Contains(words, StringComparison.Ordinal));
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_between_settings_is_told_with_what_is_wrong_in_one()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load("""
            { "Node": { "AeTitle": "A TITLE THAT IS TOO LONG" },
              "Engine": { "Model": "models/none", "Threads": 5000 },
              "Return": { "To": [ "archive" ] } }
            """));
        Assert.Equal(4, error.Errors.Count);
        AssertLine(error, 2, "Engine:Model", "has no model.json");
        AssertLine(error, 3, "Return:To:0", "is not the Name of a peer");
    }

    [Fact]
    public void A_list_in_the_file_replaces_the_default() =>
        Assert.Equal([1.5], Load("""{ "Return": { "RetrySeconds": [ 1.5 ] } }""").Return.RetrySeconds);

    [Fact]
    public void Broken_JSON_is_told_with_its_line()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load("{\n  \"Node\": {\n    \"Port\" 104\n  }\n}"));
        Assert.Contains(":3: not valid JSON", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_says_what_to_do() =>
        Assert.Contains("--config FILE", Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(Path.Combine(folder, "none.json"))).Message, StringComparison.Ordinal);

    NodeConfiguration Load(string json)
    {
        var file = Path.Combine(folder, "softseg.json");
        File.WriteAllText(file, json);
        return ConfigurationFile.Load(file);
    }

    static void AssertLine(ConfigurationException error, int line, string key, string words) =>
        Assert.Contains(error.Errors, e => e.Contains($":{line}: {key}: ", StringComparison.Ordinal) && e.Contains(words, StringComparison.Ordinal));
}
