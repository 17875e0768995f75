namespace SoftSeg.Dicom.Network;

/// <summary>How a presentation context was answered (PS3.8 table 9-18).</summary>
public enum PresentationContextResult : byte
{
    /// <summary>Both may use it.</summary>
    Accepted = 0,

    /// <summary>The peer's application does not want it.</summary>
    UserRejection = 1,

    /// <summary>Refused without a reason.</summary>
    NoReason = 2,

    /// <summary>The SOP class is not supported.</summary>
    AbstractSyntaxNotSupported = 3,

    /// <summary>None of the transfer syntaxes is supported.</summary>
    TransferSyntaxesNotSupported = 4
}

/// <summary>What a requestor proposes: one abstract syntax, in any of some transfer syntaxes (PS3.8 9.3.2.2).</summary>
/// <param name="Id">Odd, 1..255, unique in its association.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntaxes">Transfer syntax UIDs, at least one.</param>
public sealed record PresentationContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes);

/// <summary>A presentation context as answered.</summary>
/// <param name="Id">The proposal's id.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="Result">Whether it may be used.</param>
/// <param name="TransferSyntax">The chosen transfer syntax UID; empty where it was not accepted.</param>
public sealed record NegotiatedContext(byte Id, string AbstractSyntax, PresentationContextResult Result, string TransferSyntax)
{
    /// <summary>True where messages may use it.</summary>
    public bool IsAccepted => Result == PresentationContextResult.Accepted;
}

/// <summary>SCP/SCU role selection for a SOP class (PS3.7 D.3.3.4).</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="Scu">The requestor takes the SCU role.</param>
/// <param name="Scp">The requestor takes the SCP role.</param>
public readonly record struct RoleSelection(string SopClassUid, bool Scu, bool Scp);
