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
            if (peer.ReturnTo.Length > 0 && configuration.FindPeer(peer.ReturnTo) is null)
                errors.Add(new($"Peers:{i}:ReturnTo", $"\"{peer.ReturnTo}\" is not the Name of a peer; expected {Names(configuration)}"));
            foreach (var (from, f) in peer.From.Select((from, f) => (from, f)).Where(entry => PeerSettings.Network(entry.from) is null))
                errors.Add(new($"Peers:{i}:From:{f}", $"got \"{from}\", expected an address or a network, such as 192.0.2.7 or 192.0.2.0/24"));
            foreach (var (kind, k) in peer.Results.Select((kind, k) => (kind, k)))
            {
                if (!ResultsSettings.Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase))
                    errors.Add(new($"Peers:{i}:Results:{k}", $"got \"{kind}\", expected one of {string.Join(", ", ResultsSettings.Kinds)}"));
            }
        }

        for (var i = 0; i < configuration.Return.To.Count; i++)
        {
            var name = configuration.Return.To[i];
            if (!name.Equals(ReturnSettings.Origin, StringComparison.OrdinalIgnoreCase) && configuration.FindPeer(name) is null)
                errors.Add(new($"Return:To:{i}", $"\"{name}\" is not the Name of a peer; expected {ReturnSettings.Origin}, {Names(configuration)}"));
        }

        if (configuration.Return.RetrySeconds.FindIndex(seconds => seconds is not (> 0 and <= 86400)) is var wait and >= 0)
            errors.Add(new($"Return:RetrySeconds:{wait}", $"got {configuration.Return.RetrySeconds[wait]}, expected more than 0 and at most 86400"));
        if (!ResultsSettings.Kinds.Any(configuration.Makes))
            errors.Add(new("Results", $"nothing would be returned; switch one of {string.Join(", ", ResultsSettings.Kinds)} on"));
        if (ModelFolder.Find(configuration.Engine.Model) is null)
            errors.Add(new("Engine:Model", $"\"{configuration.Engine.Model}\" has no model.json; expected the folder of a model package, such as models/cord-softseg-0.1.0"));
        return errors;
    }

    static string Names(NodeConfiguration configuration) =>
        configuration.Peers.Count == 0 ? "(no peer is configured)" : string.Join(", ", configuration.Peers.Select(p => p.Name));
}

/// <summary>Finds a model package: below the working directory, or beside the program or one of the folders above it.</summary>
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

    static bool IsPackage(string folder) => File.Exists(Path.Combine(folder, "model.json"));
}
