namespace SoftSeg.Dicom.Network;

/// <summary>What an acceptor takes: storage of some SOP classes, in some transfer syntaxes, best first; verification always; storage commitment where it is switched on.</summary>
public sealed class AcceptedServices
{
    internal const string VerificationSopClass = "1.2.840.10008.1.1";
    const string ImplicitVRLittleEndian = "1.2.840.10008.1.2";
    const string ExplicitVRLittleEndian = "1.2.840.10008.1.2.1";

    readonly IReadOnlyList<string> _transferSyntaxes;
    readonly HashSet<string>? _storageClasses;

    /// <param name="transferSyntaxes">UIDs, best first: the first one that the peer offers is taken. Null: Explicit, then Implicit VR Little Endian.</param>
    /// <param name="storageClasses">SOP class UIDs; null: every storage class of PS3.4 annex B.</param>
    public AcceptedServices(IEnumerable<string>? transferSyntaxes = null, IEnumerable<string>? storageClasses = null)
    {
        _transferSyntaxes = transferSyntaxes?.ToArray() ?? [ExplicitVRLittleEndian, ImplicitVRLittleEndian];
        _storageClasses = storageClasses?.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Verification and every storage class, uncompressed little endian.</summary>
    public static AcceptedServices Default { get; } = new();

    /// <summary>Peers may ask us to commit to instances (we are SCP): <see cref="IDicomServiceHandler.OnCommitmentRequestAsync"/>.</summary>
    public bool CommitmentRequests { get; init; }

    /// <summary>Peers may bring answers to what we asked them (we are SCU, they take the SCP role): <see cref="IDicomServiceHandler.OnCommitmentResultAsync"/>.</summary>
    public bool CommitmentResults { get; init; }

    /// <summary>SCP/SCU role selection (PS3.7 D.3.3.4): of the roles that the requestor wants, those that it gets.</summary>
    internal RoleSelection Answer(RoleSelection wanted) => wanted.SopClassUid == StorageCommitment.SopClass
        ? wanted with { Scu = wanted.Scu && CommitmentRequests, Scp = wanted.Scp && CommitmentResults }
        : wanted with { Scp = false };

    /// <summary>Whether instances are taken in this transfer syntax (UID).</summary>
    public bool Takes(string transferSyntax) => _transferSyntaxes.Contains(transferSyntax);

    /// <summary>Transfer syntax UIDs, best first.</summary>
    public IReadOnlyList<string> TransferSyntaxes => _transferSyntaxes;

    /// <summary>Whether instances of a SOP class are taken.</summary>
    public bool IsStorage(string sopClass) =>
        _storageClasses?.Contains(sopClass) ?? sopClass.StartsWith("1.2.840.10008.5.1.4.1.1.", StringComparison.Ordinal);

    internal NegotiatedContext Answer(PresentationContext proposal)
    {
        bool isVerification = proposal.AbstractSyntax == VerificationSopClass;
        bool isCommitment = proposal.AbstractSyntax == StorageCommitment.SopClass && (CommitmentRequests || CommitmentResults);
        if (!isVerification && !isCommitment && !IsStorage(proposal.AbstractSyntax))
            return new NegotiatedContext(proposal.Id, proposal.AbstractSyntax, PresentationContextResult.AbstractSyntaxNotSupported, "");
        IReadOnlyList<string> ours = isVerification || isCommitment ? [ExplicitVRLittleEndian, ImplicitVRLittleEndian] : _transferSyntaxes;
        return ours.FirstOrDefault(proposal.TransferSyntaxes.Contains) is { } syntax
            ? new NegotiatedContext(proposal.Id, proposal.AbstractSyntax, PresentationContextResult.Accepted, syntax)
            : new NegotiatedContext(proposal.Id, proposal.AbstractSyntax, PresentationContextResult.TransferSyntaxesNotSupported, "");
    }
}

/// <summary>Yes, with what is served, or no.</summary>
public sealed class AssociationAnswer
{
    AssociationAnswer() { }

    internal AcceptedServices? Services { get; private init; }

    internal AssociationRejection Rejection { get; private init; }

    internal string Why { get; private init; } = "";

    /// <summary>The association is accepted; its presentation contexts are answered from <paramref name="services"/>.</summary>
    public static AssociationAnswer Accept(AcceptedServices services) => new() { Services = services };

    /// <summary>The association is rejected.</summary>
    /// <param name="rejection">What the peer is told.</param>
    /// <param name="why">What our log says: what we got, what we know, what to change.</param>
    public static AssociationAnswer Reject(AssociationRejection rejection, string? why = null) =>
        new() { Rejection = rejection, Why = why ?? rejection.ToString() };
}
