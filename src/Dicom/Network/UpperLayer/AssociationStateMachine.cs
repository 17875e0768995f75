namespace SoftSeg.Dicom.Network;

/// <summary>States of the upper layer (PS3.8 9.2.1), numbered as there.</summary>
enum AssociationState : byte
{
    Idle = 1,
    TransportOpen = 2,
    AwaitingLocalAssociateResponse = 3,
    AwaitingTransport = 4,
    AwaitingAssociateAnswer = 5,
    Established = 6,
    AwaitingReleaseRp = 7,
    AwaitingLocalReleaseResponse = 8,
    CollisionRequestorAwaitingLocal = 9,
    CollisionAcceptorAwaitingRp = 10,
    CollisionRequestorAwaitingRp = 11,
    CollisionAcceptorAwaitingLocal = 12,
    AwaitingTransportClose = 13
}

/// <summary>Events of the upper layer in the order of PS3.8 table 9-10.</summary>
enum AssociationEvent : byte
{
    AssociateRequest = 1,
    TransportConnected = 2,
    AssociateAcReceived = 3,
    AssociateRjReceived = 4,
    TransportIndication = 5,
    AssociateRqReceived = 6,
    AssociateAccepted = 7,
    AssociateRejected = 8,
    DataRequest = 9,
    DataReceived = 10,
    ReleaseRequest = 11,
    ReleaseRqReceived = 12,
    ReleaseRpReceived = 13,
    ReleaseResponse = 14,
    AbortRequest = 15,
    AbortReceived = 16,
    TransportClosed = 17,
    ArtimExpired = 18,
    InvalidPduReceived = 19
}

/// <summary>Actions of the upper layer (PS3.8 9.2.2, tables 9-6 to 9-9).</summary>
enum AssociationAction : byte
{
    /// <summary>The event may not happen in this state.</summary>
    None,
    Ae1, Ae2, Ae3, Ae4, Ae5, Ae6, Ae7, Ae8,
    Dt1, Dt2,
    Ar1, Ar2, Ar3, Ar4, Ar5, Ar6, Ar7, Ar8, Ar9, Ar10,
    Aa1, Aa2, Aa3, Aa4, Aa5, Aa6, Aa7, Aa8
}

/// <summary>
/// The state machine of the upper layer as PS3.8 table 9-10 prints it: event by state gives the action and the next state.
/// It does nothing itself; <see cref="UpperLayer"/> carries the actions out.
/// </summary>
sealed class AssociationStateMachine(bool isRequestor)
{
    // One row per event 1..19, one cell per state 1..13: action and next state. A dot is a blank cell of the table.
    // AE-6 leads to state 3 (state 13 where the provider itself rejects: here the negotiation above rejects, by event 8).
    // AR-8 leads to state 9 for the requestor, 10 for the acceptor: the cell holds the first, Fire decides.
    static readonly string[] s_table =
    [
        //  Sta1    Sta2     Sta3     Sta4    Sta5     Sta6    Sta7     Sta8     Sta9     Sta10    Sta11    Sta12    Sta13
        "AE1/4   .        .        .       .        .       .        .        .        .        .        .        .      ",  //  1 A-ASSOCIATE request
        ".       .        .        AE2/5   .        .       .        .        .        .        .        .        .      ",  //  2 transport connected
        ".       AA1/13   AA8/13   .       AE3/6    AA8/13  AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA6/13 ",  //  3 A-ASSOCIATE-AC
        ".       AA1/13   AA8/13   .       AE4/1    AA8/13  AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA6/13 ",  //  4 A-ASSOCIATE-RJ
        "AE5/2   .        .        .       .        .       .        .        .        .        .        .        .      ",  //  5 transport indication
        ".       AE6/3    AA8/13   .       AA8/13   AA8/13  AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA7/13 ",  //  6 A-ASSOCIATE-RQ
        ".       .        AE7/6    .       .        .       .        .        .        .        .        .        .      ",  //  7 accepted
        ".       .        AE8/13   .       .        .       .        .        .        .        .        .        .      ",  //  8 rejected
        ".       .        .        .       .        DT1/6   .        AR7/8    .        .        .        .        .      ",  //  9 P-DATA request
        ".       AA1/13   AA8/13   .       AA8/13   DT2/6   AR6/7    AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA6/13 ",  // 10 P-DATA-TF
        ".       .        .        .       .        AR1/7   .        .        .        .        .        .        .      ",  // 11 A-RELEASE request
        ".       AA1/13   AA8/13   .       AA8/13   AR2/8   AR8/9    AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA6/13 ",  // 12 A-RELEASE-RQ
        ".       AA1/13   AA8/13   .       AA8/13   AA8/13  AR3/1    AA8/13   AA8/13   AR10/12  AR3/1    AA8/13   AA6/13 ",  // 13 A-RELEASE-RP
        ".       .        .        .       .        .       .        AR4/13   AR9/11   .        .        AR4/13   .      ",  // 14 A-RELEASE response
        ".       .        AA1/13   AA2/1   AA1/13   AA1/13  AA1/13   AA1/13   AA1/13   AA1/13   AA1/13   AA1/13   .      ",  // 15 A-ABORT request
        ".       AA2/1    AA3/1    .       AA3/1    AA3/1   AA3/1    AA3/1    AA3/1    AA3/1    AA3/1    AA3/1    AA2/1  ",  // 16 A-ABORT
        ".       AA5/1    AA4/1    AA4/1   AA4/1    AA4/1   AA4/1    AA4/1    AA4/1    AA4/1    AA4/1    AA4/1    AR5/1  ",  // 17 transport closed
        ".       AA2/1    .        .       .        .       .        .        .        .        .        .        AA2/1  ",  // 18 ARTIM expired
        ".       AA1/13   AA8/13   .       AA8/13   AA8/13  AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA8/13   AA7/13 ",  // 19 invalid PDU
    ];

    static readonly (AssociationAction Action, AssociationState Next)[] s_cells = ParseTable();

    public AssociationState State { get; private set; } = AssociationState.Idle;

    /// <summary>The cell of the table; action None where it is blank.</summary>
    public static (AssociationAction Action, AssociationState Next) Lookup(AssociationState state, AssociationEvent happened) =>
        s_cells[((int)happened - 1) * 13 + (int)state - 1];

    /// <summary>Moves to the next state and says what is to be done.</summary>
    /// <exception cref="InvalidOperationException">The local user asked for what the state does not allow: a fault of ours, not the peer's.</exception>
    public AssociationAction Fire(AssociationEvent happened)
    {
        var (action, next) = Lookup(State, happened);
        if (action == AssociationAction.None)
            throw new InvalidOperationException($"{happened} may not happen in state {(int)State} ({State}).");
        if (action == AssociationAction.Ar8 && !isRequestor)
            next = AssociationState.CollisionAcceptorAwaitingRp;
        State = next;
        return action;
    }

    static (AssociationAction, AssociationState)[] ParseTable()
    {
        var cells = new List<(AssociationAction, AssociationState)>(19 * 13);
        foreach (string row in s_table)
        {
            foreach (string cell in row.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = cell.Split('/');
                cells.Add(cell == "."
                    ? (AssociationAction.None, default)
                    : (Enum.Parse<AssociationAction>(parts[0], ignoreCase: true), (AssociationState)byte.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
            }
        }
        return [.. cells];
    }
}
