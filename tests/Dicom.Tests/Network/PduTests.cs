using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

public sealed class PduTests
{
    static readonly AssociateRqPdu s_request = new("SOFTSEG", "SCANNER", 1, PduItemType.DicomApplicationContext,
        [new PresentationContext(1, TestInstance.MRImageStorage, [TestInstance.ExplicitLittle, TestInstance.ImplicitLittle]), new PresentationContext(3, ScriptedPeer.Verification, [TestInstance.ImplicitLittle])],
        new UserInformation
        {
            MaxPdu = 131072,
            ImplementationClassUid = "1.2.3",
            ImplementationVersionName = "TEST",
            AsynchronousOperations = (5, 7),
            Roles = [new RoleSelection(ScriptedPeer.Verification, true, false)]
        });

    [Fact]
    public void A_request_is_read_as_it_was_written()
    {
        var read = AssociateRqPdu.Parse(s_request.ToBytes().AsSpan(6));
        Assert.Equal((s_request.CalledAeTitle, s_request.CallingAeTitle, s_request.ProtocolVersion, s_request.ApplicationContext),
            (read.CalledAeTitle, read.CallingAeTitle, read.ProtocolVersion, read.ApplicationContext));
        Assert.Equal(s_request.Contexts.Select(c => (c.Id, c.AbstractSyntax, string.Join(' ', c.TransferSyntaxes))), read.Contexts.Select(c => (c.Id, c.AbstractSyntax, string.Join(' ', c.TransferSyntaxes))));
        Assert.Equal((131072u, "1.2.3", "TEST", ((ushort)5, (ushort)7)), (read.User.MaxPdu, read.User.ImplementationClassUid, read.User.ImplementationVersionName, read.User.AsynchronousOperations!.Value));
        Assert.Equal(s_request.User.Roles, read.User.Roles);
    }

    [Fact]
    public void An_answer_is_read_as_it_was_written()
    {
        NegotiatedContext[] contexts =
        [
            new(1, TestInstance.MRImageStorage, PresentationContextResult.Accepted, TestInstance.ImplicitLittle),
            new(3, ScriptedPeer.Verification, PresentationContextResult.TransferSyntaxesNotSupported, "")
        ];
        var read = AssociateAcPdu.Parse(new AssociateAcPdu("SOFTSEG", "SCANNER", contexts, s_request.User).ToBytes().AsSpan(6), s_request.Contexts);
        Assert.Equal(contexts, read.Contexts);
        Assert.Equal(131072u, read.User.MaxPdu);
    }

    [Fact]
    public void A_request_cut_anywhere_is_a_protocol_violation_or_a_shorter_request()
    {
        byte[] body = s_request.ToBytes()[6..];
        for (int length = 0; length < body.Length; length++)
            OnlyProtocolViolations(body.AsSpan(0, length));
    }

    [Fact]
    public void A_request_with_any_bytes_changed_never_fails_otherwise()
    {
        byte[] body = s_request.ToBytes()[6..];
        var random = new Random(20);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] mutated = [.. body];
            for (int i = random.Next(1, 6); i > 0; i--)
                mutated[random.Next(mutated.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
            OnlyProtocolViolations(mutated);
        }
    }

    [Fact]
    public void A_command_with_any_bytes_changed_never_fails_otherwise()
    {
        byte[] command = new DimseCommand { Field = CommandField.StoreRq, MessageId = 3, AffectedSopClassUid = TestInstance.MRImageStorage, AffectedSopInstanceUid = "1.2.3", HasDataSet = true }.ToBytes();
        var random = new Random(21);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] mutated = command[..random.Next(command.Length + 1)];
            for (int i = random.Next(0, 6); i > 0 && mutated.Length > 0; i--)
                mutated[random.Next(mutated.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
            try
            {
                DimseCommand.Parse(mutated).Respond(DicomStatus.CannotUnderstand.With("back\\slash\nand\u0000more" + new string('x', 100))).ToBytes();
            }
            catch (DicomProtocolException)
            {
                // The one exception that a peer can cause.
            }
        }
    }

    [Fact]
    public void A_command_is_read_as_it_was_written()
    {
        var request = new DimseCommand { Field = CommandField.StoreRq, MessageId = 0xFFFF, AffectedSopClassUid = TestInstance.MRImageStorage, AffectedSopInstanceUid = "1.2.3", HasDataSet = true };
        Assert.Equal(request, DimseCommand.Parse(request.ToBytes()));
        var response = request.Respond(DicomStatus.DataSetMismatch.With("the comment"));
        Assert.Equal(response, DimseCommand.Parse(response.ToBytes()));
        Assert.Equal((0x8001, false), (response.Field, response.HasDataSet));
    }

    static void OnlyProtocolViolations(ReadOnlySpan<byte> body)
    {
        try
        {
            var read = AssociateRqPdu.Parse(body);
            Assert.NotEmpty(read.Contexts.Select(AcceptedServices.Default.Answer));
        }
        catch (DicomProtocolException)
        {
            // The one exception that a peer can cause.
        }
    }
}
