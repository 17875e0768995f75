using System.Security.Cryptography.X509Certificates;
using SoftSeg.Dicom.Network;

namespace SoftSeg.DicomNode.Configuration;

/// <summary>Keys and passcodes: from files that only those who need them can read.</summary>
static class Secrets
{
    const string FilePrefix = "file:";

    /// <summary>The certificates and the key that the settings name.</summary>
    /// <exception cref="IOException">A file is missing, can't be read, or can be read by others.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file holds no certificate, or a key that is not the certificate's.</exception>
    public static DicomTls Load(TlsSettings settings)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2? own = null;
        if (settings.Certificate.Length > 0)
        {
            CheckMode(settings.Key);
            own = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
            chain.ImportFromPemFile(settings.Certificate);
            chain.RemoveAt(0);
        }
        X509Certificate2Collection? authorities = null;
        if (settings.Authorities.Length > 0)
            (authorities = []).ImportFromPemFile(settings.Authorities);
        return new DicomTls
        {
            Certificate = own,
            Intermediates = chain,
            TrustedAuthorities = authorities,
            RequirePeerCertificate = settings.RequirePeerCertificate,
            CheckHostName = settings.CheckHostName,
            Revocation = Enum.Parse<X509RevocationMode>(settings.Revocation),
        };
    }

    /// <summary>A user with the passcode itself, or the first line of the file that it names; null without a user.</summary>
    /// <exception cref="IOException">The file is missing, can't be read, or can be read by others.</exception>
    public static DicomCredential? Credential(string user, string passcode) =>
        user.Length == 0 ? null : new DicomCredential(user, passcode.Length == 0 ? null : IsFile(passcode) ? Read(passcode[FilePrefix.Length..]) : passcode);

    static bool IsFile(string passcode) => passcode.StartsWith(FilePrefix, StringComparison.Ordinal);

    static string Read(string file)
    {
        CheckMode(file);
        return File.ReadLines(file).FirstOrDefault() ?? throw new IOException($"{file} is empty");
    }

    static void CheckMode(string file)
    {
        const UnixFileMode OfOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!File.Exists(file))
            throw new IOException($"\"{file}\" is not there");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0)
            throw new IOException($"{file} can be read by everybody on this machine: chmod o-rwx {file}");
    }

    public static IEnumerable<ConfigurationError> Check(NodeConfiguration configuration)
    {
        if (configuration.Tls.Port > 0 && configuration.Tls.Certificate.Length == 0)
            yield return new("Tls:Certificate", "is empty; a TLS port needs a certificate and its Key");
        else if (configuration.Tls.Certificate.Length > 0 && configuration.Tls.Key.Length == 0)
            yield return new("Tls:Key", "is empty; expected the PEM file of the private key of Tls:Certificate");
        else if ((configuration.Tls.Port > 0 || configuration.Peers.Exists(peer => peer.Tls)) && Fault(() => Load(configuration.Tls)) is { } fault)
            yield return new("Tls", fault);
        foreach (var (i, peer) in configuration.Peers.Index())
        {
            if (Fault(() => Credential(peer.User, peer.Passcode)) is { } wrong)
                yield return new($"Peers:{i}:Passcode", wrong);
            if (Fault(() => Credential(peer.LoginUser, peer.LoginPasscode)) is { } wrongLogin)
                yield return new($"Peers:{i}:LoginPasscode", wrongLogin);
        }
    }

    /// <summary>A passcode that stands in the file itself makes a secret of the file.</summary>
    public static IEnumerable<ConfigurationError> CheckFile(string path, NodeConfiguration configuration)
    {
        var text = File.ReadAllText(path);
        foreach (var (i, peer) in configuration.Peers.Index())
        {
            foreach (var (name, passcode) in ((string, string)[])[(nameof(peer.Passcode), peer.Passcode), (nameof(peer.LoginPasscode), peer.LoginPasscode)])
            {
                if (passcode.Length > 0 && !IsFile(passcode) && text.Contains(passcode, StringComparison.Ordinal) && Fault(() => CheckMode(path)) is { } fault)
                    yield return new($"Peers:{i}:{name}", $"{fault}, or write \"file:PATH\" here");
            }
        }
    }

    static string? Fault(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            return error.Message;
        }
    }
}
