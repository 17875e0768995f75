using System.Security.Cryptography;
using System.Text;

namespace SoftSeg.Dicom.Network;

/// <summary>A user name and perhaps a passcode, as this node sends them or knows them. In clear text on the wire unless TLS is on.</summary>
/// <param name="Username">UTF-8 on the wire.</param>
/// <param name="Passcode">Null: a user name alone.</param>
public sealed record DicomCredential(string Username, string? Passcode = null)
{
    /// <summary>The user name: a passcode never goes into a log.</summary>
    public override string ToString() => Username;
}

/// <summary>The user identity that a requestor brings (PS3.7 D.3.3.7).</summary>
/// <param name="Type">1 user name, 2 user name and passcode, 3 Kerberos, 4 SAML, 5 JSON Web Token.</param>
/// <param name="Primary">The user name, ticket, assertion or token.</param>
/// <param name="Secondary">The passcode of type 2.</param>
public sealed record DicomUserIdentity(byte Type, ReadOnlyMemory<byte> Primary, ReadOnlyMemory<byte> Secondary)
{
    /// <summary>The user name, for the log; null where the identity is of another kind. One line of ASCII.</summary>
    public string? Username => Type is 1 or 2 ? PrintableText.Of(Primary.Span) : null;

    /// <summary>
    /// Whether this is that user: the same name, and the same passcode where the credential has one. Takes as long for a wrong passcode as for a right one.
    /// </summary>
    public bool Is(DicomCredential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        bool isUser = Type is 1 or 2 && Equal(Primary.Span, credential.Username);
        return isUser & (credential.Passcode is null || (Type == 2 && Equal(Secondary.Span, credential.Passcode)));
    }

    static bool Equal(ReadOnlySpan<byte> given, string known) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(given), SHA256.HashData(Encoding.UTF8.GetBytes(known)));

    /// <summary>The kind and the user name: never a passcode or a token.</summary>
    public override string ToString() => Username is { } name ? $"user {name}" : $"user identity of type {Type}";
}
