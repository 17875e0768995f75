using SoftSeg.Dicom.Network;
using State = SoftSeg.Dicom.Network.AssociationState;

namespace SoftSeg.Dicom.Tests.Network;

public sealed class AssociationStateMachineTests
{
    // PS3.8 table 9-10 read column by column: for every state, event number, action, next state.
    static readonly string[] s_columns =
    [
        "1 AE1 4, 5 AE5 2",
        "3 AA1 13, 4 AA1 13, 6 AE6 3, 10 AA1 13, 12 AA1 13, 13 AA1 13, 16 AA2 1, 17 AA5 1, 18 AA2 1, 19 AA1 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 7 AE7 6, 8 AE8 13, 10 AA8 13, 12 AA8 13, 13 AA8 13, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "2 AE2 5, 15 AA2 1, 17 AA4 1",
        "3 AE3 6, 4 AE4 1, 6 AA8 13, 10 AA8 13, 12 AA8 13, 13 AA8 13, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 9 DT1 6, 10 DT2 6, 11 AR1 7, 12 AR2 8, 13 AA8 13, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 10 AR6 7, 12 AR8 9, 13 AR3 1, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 9 AR7 8, 10 AA8 13, 12 AA8 13, 13 AA8 13, 14 AR4 13, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 10 AA8 13, 12 AA8 13, 13 AA8 13, 14 AR9 11, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 10 AA8 13, 12 AA8 13, 13 AR10 12, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 10 AA8 13, 12 AA8 13, 13 AR3 1, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA8 13, 4 AA8 13, 6 AA8 13, 10 AA8 13, 12 AA8 13, 13 AA8 13, 14 AR4 13, 15 AA1 13, 16 AA3 1, 17 AA4 1, 19 AA8 13",
        "3 AA6 13, 4 AA6 13, 6 AA7 13, 10 AA6 13, 12 AA6 13, 13 AA6 13, 16 AA2 1, 17 AR5 1, 18 AA2 1, 19 AA7 13"
    ];

    public static TheoryData<int> States => [.. Enumerable.Range(1, 13)];

    [Theory, MemberData(nameof(States))]
    public void The_table_is_that_of_the_standard(int state)
    {
        var expected = s_columns[state - 1].Split(", ").Select(c => c.Split(' ')).ToDictionary(c => int.Parse(c[0]), c => (c[1], c[2]));
        for (int happened = 1; happened <= 19; happened++)
        {
            var (action, next) = AssociationStateMachine.Lookup((State)state, (AssociationEvent)happened);
            if (expected.TryGetValue(happened, out var cell))
                Assert.Equal((happened, cell), (happened, (action.ToString().ToUpperInvariant(), ((int)next).ToString())));
            else
                Assert.Equal((happened, AssociationAction.None), (happened, action));
        }
    }

    [Theory]
    [InlineData(true, 9, 11, 1)]
    [InlineData(false, 10, 12, 13)]
    public void Colliding_releases_take_the_way_of_their_role(bool isRequestor, int first, int second, int last)
    {
        var machine = Established(isRequestor);
        machine.Fire(AssociationEvent.ReleaseRequest);
        machine.Fire(AssociationEvent.ReleaseRqReceived);
        Assert.Equal((State)first, machine.State);
        machine.Fire(isRequestor ? AssociationEvent.ReleaseResponse : AssociationEvent.ReleaseRpReceived);
        Assert.Equal((State)second, machine.State);
        machine.Fire(isRequestor ? AssociationEvent.ReleaseRpReceived : AssociationEvent.ReleaseResponse);
        Assert.Equal((State)last, machine.State);
    }

    [Fact]
    public void What_the_local_user_may_not_do_is_an_error_of_ours()
    {
        var machine = new AssociationStateMachine(isRequestor: true);
        var e = Assert.Throws<InvalidOperationException>(() => machine.Fire(AssociationEvent.DataRequest));
        Assert.Contains("state 1", e.Message, StringComparison.Ordinal);
    }

    static AssociationStateMachine Established(bool isRequestor)
    {
        var machine = new AssociationStateMachine(isRequestor);
        AssociationEvent[] way = isRequestor
            ? [AssociationEvent.AssociateRequest, AssociationEvent.TransportConnected, AssociationEvent.AssociateAcReceived]
            : [AssociationEvent.TransportIndication, AssociationEvent.AssociateRqReceived, AssociationEvent.AssociateAccepted];
        foreach (var happened in way)
            machine.Fire(happened);
        Assert.Equal(State.Established, machine.State);
        return machine;
    }
}
