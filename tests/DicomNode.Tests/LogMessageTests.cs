using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;

namespace SoftSeg.DicomNode.Tests;

/// <summary>docs/log-messages.md is made from the messages themselves: SOFTSEG_UPDATE_DOCS=1 and this test write it anew.</summary>
public sealed class LogMessageTests
{
    static readonly string File = Path.Combine(Repository.Root, "docs/log-messages.md");

    static readonly (string Area, LoggerMessageAttribute Message)[] Messages =
    [
        .. from assembly in (Assembly[])[typeof(Configuration.NodeConfiguration).Assembly, typeof(Dicom.DicomFile).Assembly, typeof(SegEngine.Volume).Assembly]
           from type in assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           orderby message.EventId
           select (assembly.GetName().Name!.Replace("SoftSeg.", ""), message),
    ];

    [Fact]
    public void The_list_in_docs_is_current()
    {
        var text = new StringBuilder("""
            # Log messages

            Every message of the node, with its event id: search the log, or alarm, by the words outside the braces. Made from the source by `LogMessageTests`.
            Patient names appear in none.

            | id | level | where | message |
            |---|---|---|---|

            """);
        foreach (var (area, message) in Messages)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {message.EventId} | {message.Level} | {area} | {message.Message.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        if (Environment.GetEnvironmentVariable("SOFTSEG_UPDATE_DOCS") == "1")
            System.IO.File.WriteAllText(File, text.ToString());
        Assert.True(System.IO.File.ReadAllText(File) == text.ToString(), "docs/log-messages.md is out of date: run this test with SOFTSEG_UPDATE_DOCS=1");
    }

    [Fact]
    public void Every_message_has_an_id_of_its_own() =>
        Assert.Empty(Messages.GroupBy(m => m.Message.EventId).Where(group => group.Key <= 0 || group.Count() > 1).Select(group => group.Key));
}
