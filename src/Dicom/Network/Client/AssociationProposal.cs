using SoftSeg.Dicom.Imaging;

namespace SoftSeg.Dicom.Network;

/// <summary>
/// The presentation contexts to propose. Each storage class gets one context for every transfer syntax that its instances have, so that the peer can take
/// them as they are, and one for each other uncompressed little endian syntax, into which we can convert.
/// </summary>
public sealed class AssociationProposal
{
    const int Most = 128;   // Odd ids 1..255.

    static readonly string[] s_interchangeable = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"];

    /// <summary>What is sent in one of these, the data set library converts into the other without loss.</summary>
    internal static bool IsInterchangeable(string syntax) => s_interchangeable.Contains(syntax);

    /// <summary>Can be converted into an uncompressed little endian syntax: by writing it anew, or by decompressing it.</summary>
    internal static bool IsConvertible(string syntax) => DicomTransferSyntax.Lookup(syntax) is { } known && PixelData.CanRead(known);

    readonly List<(string SopClass, string Syntax)> _asTheyAre = [];
    readonly List<(string SopClass, string Syntax)> _converted = [];
    readonly List<(string SopClass, string[] Syntaxes)> _services = [];
    readonly List<(string SopClass, string[] Syntaxes)> _retrieved = [];
    bool _reportsCommitment;
    bool _requestsCommitment;

    /// <summary>Proposes C-ECHO.</summary>
    public AssociationProposal AddVerification() => AddService(AcceptedServices.VerificationSopClass);

    /// <summary>Proposes C-FIND, study root.</summary>
    public AssociationProposal AddFind() => AddService(QueryRetrieve.FindSopClass);

    /// <summary>Proposes C-MOVE, study root.</summary>
    public AssociationProposal AddMove() => AddService(QueryRetrieve.MoveSopClass);

    /// <summary>Proposes C-GET, study root, and the SCP role for storage: instances come on this association, of these classes only.</summary>
    /// <param name="storageClasses">SOP class UIDs of what may come.</param>
    /// <param name="transferSyntaxes">In which it may come; null: uncompressed little endian.</param>
    public AssociationProposal AddGet(IEnumerable<string> storageClasses, IEnumerable<string>? transferSyntaxes = null)
    {
        ArgumentNullException.ThrowIfNull(storageClasses);
        string[] syntaxes = transferSyntaxes?.ToArray() ?? s_interchangeable;
        foreach (string sopClass in storageClasses)
        {
            if (!_retrieved.Exists(c => c.SopClass == sopClass))
                _retrieved.Add((sopClass, syntaxes));
        }
        return AddService(QueryRetrieve.GetSopClass);
    }

    /// <summary>Proposes storage commitment as SCU: <see cref="DicomClient.RequestCommitmentAsync"/>.</summary>
    public AssociationProposal AddCommitmentRequest()
    {
        _requestsCommitment = true;
        return AddService(StorageCommitment.SopClass);
    }

    /// <summary>Proposes storage commitment in the SCP role: <see cref="DicomClient.ReportCommitmentAsync"/>.</summary>
    public AssociationProposal AddCommitmentReport()
    {
        _reportsCommitment = true;
        return AddService(StorageCommitment.SopClass);
    }

    /// <summary>Proposes C-STORE of instances of a class that are at hand in a transfer syntax.</summary>
    public AssociationProposal AddStorage(string sopClassUid, string transferSyntaxUid)
    {
        if (!_asTheyAre.Contains((sopClassUid, transferSyntaxUid)))
            _asTheyAre.Add((sopClassUid, transferSyntaxUid));
        if (!IsConvertible(transferSyntaxUid))
            return this;
        foreach (string other in s_interchangeable)
        {
            if (other != transferSyntaxUid && !_converted.Contains((sopClassUid, other)))
                _converted.Add((sopClassUid, other));
        }
        return this;
    }

    AssociationProposal AddService(string sopClass)
    {
        if (!_services.Exists(s => s.SopClass == sopClass))
            _services.Add((sopClass, s_interchangeable));
        return this;
    }

    /// <summary>At most 128 contexts; services first, then those in which instances go as they are.</summary>
    internal IReadOnlyList<PresentationContext> ToContexts()
    {
        var wanted = _services.Concat(_asTheyAre.Union(_converted).Select(c => (c.SopClass, (string[])[c.Syntax]))).Concat(_retrieved);
        var contexts = wanted.Take(Most).Select((c, i) => new PresentationContext((byte)(2 * i + 1), c.Item1, c.Item2)).ToArray();
        return contexts.Length > 0 ? contexts : throw new InvalidOperationException("Nothing to propose: add verification, a storage class or another service.");
    }

    /// <summary>Roles other than the usual one, that the requestor is SCU and no more.</summary>
    internal IReadOnlyList<RoleSelection> ToRoles()
    {
        var roles = _retrieved.Select(c => new RoleSelection(c.SopClass, Scu: _asTheyAre.Exists(sent => sent.SopClass == c.SopClass), Scp: true)).ToList();
        if (_reportsCommitment)
            roles.Add(new RoleSelection(StorageCommitment.SopClass, Scu: _requestsCommitment, Scp: true));
        return roles;
    }
}
