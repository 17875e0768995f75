using SoftSeg.DicomNode.Commands;

namespace SoftSeg.DicomNode.Tests;

public sealed class ConformanceTests
{
    [Fact]
    public void The_page_in_docs_is_what_the_program_prints() =>
        Assert.True(
            File.ReadAllText(Path.Combine(Repository.Root, "docs", "conformance.md")) == ConformanceStatement.ToMarkdown(),
            "docs/conformance.md is not current: softseg conformance > docs/conformance.md");

    [Theory]
    [InlineData("| MR Image Storage | 1.2.840.10008.5.1.4.1.1.4 | **segmented** |")]
    [InlineData("| CT Image Storage | 1.2.840.10008.5.1.4.1.1.2 | kept |")]
    [InlineData("| A700 | out of resources | sent again later |")]
    [InlineData("| B000 | coercion of data elements | stored |")]
    [InlineData("| called AE title not recognized | 1 permanent | 1 | 7 |")]
    [InlineData("| ISO 2022 IR 87 |")]
    public void It_says_what_the_standard_calls_it(string line) => Assert.Contains(line, ConformanceStatement.ToMarkdown());
}
