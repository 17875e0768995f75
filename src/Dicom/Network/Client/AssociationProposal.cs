namespace SoftSeg.Dicom.Network;

/// <summary>
/// The presentation contexts to propose. Each storage class gets one context for every transfer syntax that its instances have, so that the peer can take
/// them as they are, and one for each other uncompressed little endian syntax, into which we can convert.
/// </summary>
public sealed class AssociationProposal
{
    const int Most = 128;   // Odd ids 1..255.

    static readonly string[] s_interchangeable = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"];

    /// <summary>Between these the data set library converts without loss.</summary>
    internal static bool IsInterchangeable(string syntax) => s_interchangeable.Contains(syntax);

    readonly List<(string SopClass, string Syntax)> _asTheyAre = [];
    readonly List<(string SopClass, string Syntax)> _converted = [];
    bool _verification;

    /// <summary>Proposes C-ECHO.</summary>
    public AssociationProposal AddVerification()
    {
        _verification = true;
        return this;
    }

    /// <summary>Proposes C-STORE of instances of a class that are at hand in a transfer syntax.</summary>
    public AssociationProposal AddStorage(string sopClassUid, string transferSyntaxUid)
    {
        if (!_asTheyAre.Contains((sopClassUid, transferSyntaxUid)))
            _asTheyAre.Add((sopClassUid, transferSyntaxUid));
        if (!s_interchangeable.Contains(transferSyntaxUid))
            return this;
        foreach (string other in s_interchangeable)
        {
            if (other != transferSyntaxUid && !_converted.Contains((sopClassUid, other)))
                _converted.Add((sopClassUid, other));
        }
        return this;
    }

    /// <summary>At most 128 contexts; those in which instances go as they are come first.</summary>
    internal IReadOnlyList<PresentationContext> ToContexts()
    {
        var wanted = _asTheyAre.Union(_converted);
        if (_verification)
            wanted = wanted.Prepend((AcceptedServices.VerificationSopClass, s_interchangeable[1]));
        var contexts = wanted.Take(Most).Select((c, i) => new PresentationContext((byte)(2 * i + 1), c.Item1, [c.Item2])).ToArray();
        return contexts.Length > 0 ? contexts : throw new InvalidOperationException("Nothing to propose: add verification or a storage class.");
    }
}
