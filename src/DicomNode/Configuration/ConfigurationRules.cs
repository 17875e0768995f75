using System.Text.RegularExpressions;
using SoftSeg.DicomNode.Segment;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>What must hold between settings.</summary>
static class ConfigurationRules
{
    public static List<ConfigurationError> Check(NodeConfiguration configuration)
    {
        var errors = new List<ConfigurationError>();
        for (var i = 0; i < configuration.Peers.Count; i++)
        {
            var peer = configuration.Peers[i];
            if (configuration.FindPeer(peer.Name) != peer)
                errors.Add(new($"Peers:{i}:Name", $"\"{peer.Name}\" is taken by another peer; names must differ"));
            if (configuration.FindPeerByAeTitle(peer.AeTitle) != peer)
                errors.Add(new($"Peers:{i}:AeTitle", $"\"{peer.AeTitle}\" is taken by another peer; a calling AE title must mean one peer"));
            if (peer.Name.Equals(ReturnSettings.Origin, StringComparison.OrdinalIgnoreCase))
                errors.Add(new($"Peers:{i}:Name", $"\"{peer.Name}\" stands for the sender where destinations are named; take another name"));
            if (Uri.CheckHostName(peer.Host) == UriHostNameType.Unknown)
                errors.Add(new($"Peers:{i}:Host", $"got \"{peer.Host}\", expected a host name or an address"));
            if (peer.User.Length == 0 && peer.Passcode.Length > 0)
                errors.Add(new($"Peers:{i}:Passcode", "belongs to no User; enter User, too"));
            if (peer.LoginUser.Length == 0 && peer.LoginPasscode.Length > 0)
                errors.Add(new($"Peers:{i}:LoginPasscode", "belongs to no LoginUser; enter LoginUser, too"));
            if (peer.ReturnTo.Length > 0 && configuration.FindPeer(peer.ReturnTo) is null)
                errors.Add(new($"Peers:{i}:ReturnTo", $"\"{peer.ReturnTo}\" is not the Name of a peer; expected {Names(configuration)}"));
            foreach (var (from, f) in peer.From.Select((from, f) => (from, f)).Where(entry => PeerSettings.Network(entry.from) is null))
                errors.Add(new($"Peers:{i}:From:{f}", $"got \"{from}\", expected an address or a network, such as 192.0.2.7 or 192.0.2.0/24"));
            CheckKinds(peer.Results, $"Peers:{i}:Results");
        }

        CheckDestinations(configuration.Return.To, "Return:To");
        CheckPort(configuration.Tls.Port, "Tls:Port", configuration.Node.Port, "Node:Port");
        if (configuration.Web.Enabled)
        {
            CheckPort(configuration.Web.Port, "Web:Port", configuration.Node.Port, "Node:Port");
            CheckPort(configuration.Web.Port, "Web:Port", configuration.Tls.Port, "Tls:Port");
        }
        if (!IsConnectionString(configuration.Node.PostgreSql))
            errors.Add(new("Node:PostgreSql", "is no connection string; expected one such as Host=db.example;Database=softseg;Username=softseg"));
        for (var i = 0; i < configuration.Node.Aliases.Count; i++)
        {
            if (!new AeTitleAttribute().IsValid(configuration.Node.Aliases[i]))
                errors.Add(new($"Node:Aliases:{i}", $"got \"{configuration.Node.Aliases[i]}\", {new AeTitleAttribute().ErrorMessage}"));
        }
        for (var i = 0; i < configuration.Rules.List.Count; i++)
        {
            var (rule, key) = (configuration.Rules.List[i], $"Rules:List:{i}");
            if (configuration.Rules.List.FindIndex(other => other.Name == rule.Name) != i)
                errors.Add(new($"{key}:Name", $"\"{rule.Name}\" is taken by another rule; names must differ"));
            if (rule.Model.Length > 0)
                CheckModel(rule.Model, $"{key}:Model");
            CheckKinds(rule.Results, $"{key}:Results");
            CheckDestinations(rule.To, $"{key}:To");
            for (var c = 0; c < rule.When.Count; c++)
                CheckCondition(rule.When[c], $"{key}:When:{c}");
        }

        if (configuration.Return.RetrySeconds.FindIndex(seconds => seconds is not (> 0 and <= 86400)) is var wait and >= 0)
            errors.Add(new($"Return:RetrySeconds:{wait}", $"got {configuration.Return.RetrySeconds[wait]}, expected more than 0 and at most 86400"));
        if (!ResultsSettings.Kinds.Any(configuration.Makes))
            errors.Add(new("Results", $"nothing would be returned; switch one of {string.Join(", ", ResultsSettings.Kinds)} on"));
        CheckModel(configuration.Engine.Model, "Engine:Model");
        errors.AddRange(Secrets.Check(configuration));
        return errors;

        void CheckPort(int port, string key, int other, string otherKey)
        {
            if (port != 0 && port == other)
                errors.Add(new(key, $"got {port}, which is {otherKey}; expected another port"));
        }

        void CheckModel(string model, string key)
        {
            try
            {
                ModelFolder.Load(model, configuration.Engine.AllowModelWithoutGate);
            }
            catch (ModelPackageException error)
            {
                errors.Add(new(key, error.Message));
            }
        }

        void CheckKinds(List<string> kinds, string key)
        {
            foreach (var (kind, i) in kinds.Select((kind, i) => (kind, i)))
            {
                if (!ResultsSettings.Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase))
                    errors.Add(new($"{key}:{i}", $"got \"{kind}\", expected one of {string.Join(", ", ResultsSettings.Kinds)}"));
            }
        }

        void CheckDestinations(List<string> destinations, string key)
        {
            foreach (var (name, i) in destinations.Select((name, i) => (name, i)))
            {
                if (!name.Equals(ReturnSettings.Origin, StringComparison.OrdinalIgnoreCase) && configuration.FindPeer(name) is null)
                    errors.Add(new($"{key}:{i}", $"\"{name}\" is not the Name of a peer; expected {ReturnSettings.Origin}, {Names(configuration)}"));
            }
        }

        void CheckCondition(ConditionSettings condition, string key)
        {
            if (!SeriesFacts.IsKnown(condition.Attribute))
            {
                errors.Add(new($"{key}:Attribute", $"\"{condition.Attribute}\" is no attribute with values; expected a keyword of PS3.6 such as BodyPartExamined, or "
                    + $"{ConditionSettings.CallingAE}, {ConditionSettings.CalledAE}, {ConditionSettings.Plane}, {ConditionSettings.Slices}"));
            }
            if (condition.Tests != 1)
                errors.Add(new(key, $"says {(condition.Tests == 0 ? "nothing" : "several things")} of {condition.Attribute}; expected one of Is, Contains, Matches, or From and To"));
            if (condition.From > condition.To)
                errors.Add(new($"{key}:From", FormattableString.Invariant($"got {condition.From}, expected at most To, {condition.To}")));
            if (RegexProblem(condition.Matches) is { } problem)
                errors.Add(new($"{key}:Matches", $"is no regular expression: {problem}"));
        }
    }

    static bool IsConnectionString(string text)
    {
        try
        {
            _ = new Npgsql.NpgsqlConnectionStringBuilder(text);
            return true;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return false;
        }
    }

    static string? RegexProblem(string expression)
    {
        try
        {
            _ = new Regex(expression);
            return null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }

    static string Names(NodeConfiguration configuration) =>
        configuration.Peers.Count == 0 ? "(no peer is configured)" : string.Join(", ", configuration.Peers.Select(p => p.Name));
}

/// <summary>Finds and loads a model package: below the working directory, or beside the program or one of the folders above it.</summary>
static class ModelFolder
{
    public static string? Find(string model)
    {
        if (Path.IsPathRooted(model))
            return IsPackage(model) ? model : null;
        if (IsPackage(model))
            return Path.GetFullPath(model);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, model);
            if (IsPackage(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>Loads the package that is found, if it may be used.</summary>
    /// <exception cref="ModelPackageException">It is missing, damaged, of another format, or without a passed gate.</exception>
    public static ModelPackage Load(string model, bool allowWithoutGate)
    {
        var package = ModelPackage.Load(Find(model)
            ?? throw new ModelPackageException($"\"{model}\" has no model.json; expected the folder of a model package, such as {new EngineSettings().Model}"));
        return package.GateProblem is { } problem && !allowWithoutGate
            ? throw new ModelPackageException($"{problem} Judge it with 'softseg-train gate', or set Engine:AllowModelWithoutGate to true (softseg segment: --without-gate) to use it all the same.")
            : package;
    }

    static bool IsPackage(string folder) => File.Exists(Path.Combine(folder, "model.json"));
}
