using System.Text;
using SoftSeg.Dicom.Tests.Support;

namespace SoftSeg.Dicom.Tests;

public sealed class CharacterSetTests : IDisposable
{
    readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    /// <summary>The examples of PS3.5 annexes H (Japanese), I (Korean), J and K (Chinese), and names in the sets of one byte.</summary>
    public static TheoryData<string, string, string> Names => new()
    {
        { "", "Hong^Gildong", "486F6E675E47696C646F6E67" },
        { "ISO_IR 100", "Buc^Jérôme", "4275635E4AE972F46D65" },
        { "ISO_IR 100", "Äneas^Rüdiger", "C46E6561735E52FC6469676572" },
        { "ISO_IR 101", "Wałęsa", "5761B3EA7361" },
        { "ISO_IR 109", "Ĉapek", "C6" + "6170656B" },
        { "ISO_IR 110", "Ķēniņš", "D3BA6E69F1B9" },
        { "ISO_IR 126", "Διονυσιος", "C4E9EFEDF5F3E9EFF2" },
        { "ISO_IR 127", "قباني^لنزار", "E2C8C7E6EA5EE4E6D2C7D1" },
        { "ISO_IR 138", "שרון^דבורה", "F9F8E5EF5EE3E1E5F8E4" },
        { "ISO_IR 144", "Люкceмбypг", "BBEEDA6365DCD17970D3" },
        { "ISO_IR 148", "Çavuşoğlu", "C7617675FE6FF06C75" },
        { "ISO_IR 166", "สมชาย", "CAC1AAD2C2" },
        { "ISO_IR 203", "Œuvre€", "BC75767265A4" },
        { "ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "D4CFC0DE5EC0DBB3" },
        { @"\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "59616D6164615E5461726F753D1B24423B3345441B28425E1B244242404F3A1B28423D1B2442246424" + "5E24401B28425E1B2442243F246D24261B2842" },
        { @"ISO 2022 IR 13\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
            "D4CFC0DE5EC0DBB33D1B24423B3345441B284A5E1B244242404F3A1B284A3D1B24422464245E24401B284A5E1B2442243F246D24261B284A" },
        { @"\ISO 2022 IR 87\ISO 2022 IR 159", "Oka^Ken=丘丂^健", "4F6B615E4B656E3D1B244235561B24284430211B28425E1B244237721B2842" },
        { @"\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동",
            "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF" },
        { @"\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东", "5A68616E675E5869616F446F6E673D1B242941D5C55E1B242941D0A1B6AB" },
        { "ISO_IR 192", "Wang^XiaoDong=王^小東", "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB1" },
        { "GB18030", "Wang^XiaoDong=王^小东", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB" },
        { "GBK", "Wang^XiaoDong=王^小东", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB" },
        { @"ISO 2022 IR 100\ISO 2022 IR 144", "Müller^Люк", "4DFC6C6C65725E" + "1B2D4CBBEEDA" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_decoded_and_encoded_as_the_standard_shows(string characterSet, string name, string bytes)
    {
        var expected = Convert.FromHexString(bytes);
        var dataset = new DicomDataset()
            .AddOrUpdate(DicomTag.SpecificCharacterSet, characterSet)
            .AddOrUpdate(new DicomElement(DicomTag.PatientName, DicomVR.PN, expected));
        Assert.Equal(name, dataset.GetString(DicomTag.PatientName));

        dataset.AddOrUpdate(DicomTag.PatientName, name);
        Assert.Equal(expected, dataset.GetBytes(DicomTag.PatientName)[..expected.Length].ToArray());
        Assert.Equal(name, dataset.GetString(DicomTag.PatientName));
    }

    /// <summary>DCMTK 3.6.7 doesn't know ISO-IR 203, and converts the Japanese sets only where its iconv has them. Their bytes are those of annex H.</summary>
    public static IEnumerable<object[]> NamesDcmtkConverts =>
        ((IEnumerable<object[]>)Names).Where(row => row[0] is string set && !set.Contains("203", StringComparison.Ordinal) && !set.Contains("IR 87", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(NamesDcmtkConverts))]
    public void A_name_in_a_file_is_the_one_that_dcmdump_shows(string characterSet, string name, string bytes)
    {
        var path = Save(characterSet, bytes);
        Assert.Contains($"[{name}]", Dcmtk.Run("dcmdump", "-q", "+L", "+U8", "+P", "PatientName", path));
        Assert.Equal(name, DicomFile.Open(path).Dataset.GetString(DicomTag.PatientName));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_copied_to_a_data_set_of_the_same_set_keeps_its_bytes(string characterSet, string name, string bytes)
    {
        var source = DicomFile.Open(Save(characterSet, bytes)).Dataset;
        Assert.True(source.TryGetItem(DicomTag.PatientName, out var item));
        var copy = Saved(new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, source.GetStrings(DicomTag.SpecificCharacterSet)).AddOrUpdate(item));
        Assert.Equal(source.GetBytes(DicomTag.PatientName).ToArray(), copy.GetBytes(DicomTag.PatientName).ToArray());
        Assert.Equal(name, copy.GetString(DicomTag.PatientName));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_copied_to_a_data_set_of_another_set_stays_the_same_name(string characterSet, string name, string bytes)
    {
        var source = DicomFile.Open(Save(characterSet, bytes)).Dataset;
        Assert.True(source.TryGetItem(DicomTag.PatientName, out var item));
        var item2 = new DicomDataset().AddOrUpdate(item);
        var copy = Saved(new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 192").AddOrUpdate(item).AddOrUpdate(DicomTag.RequestAttributesSequence, item2));
        Assert.Equal(name, copy.GetString(DicomTag.PatientName));
        Assert.Equal(name, copy.GetSequence(DicomTag.RequestAttributesSequence)[0].GetString(DicomTag.PatientName));
        Assert.Equal(Encoding.UTF8.GetBytes(name), copy.GetBytes(DicomTag.PatientName)[..Encoding.UTF8.GetByteCount(name)].ToArray());
    }

    [Fact]
    public void Items_use_the_set_of_the_data_set_around_them_unless_they_have_their_own()
    {
        var dataset = Saved(new DicomDataset()
            .AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 144")
            .AddOrUpdate(DicomTag.ProcedureCodeSequence,
                new DicomDataset().AddOrUpdate(DicomTag.CodeMeaning, "Люк"),
                new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, "ISO_IR 100").AddOrUpdate(DicomTag.CodeMeaning, "Müller")));
        var items = dataset.GetSequence(DicomTag.ProcedureCodeSequence);
        Assert.Equal(new byte[] { 0xBB, 0xEE, 0xDA, 0x20 }, items[0].GetBytes(DicomTag.CodeMeaning).ToArray());
        Assert.Equal("Люк", items[0].GetString(DicomTag.CodeMeaning));
        Assert.Equal("Müller", items[1].GetString(DicomTag.CodeMeaning));
    }

    [Fact]
    public void A_backslash_within_a_character_of_two_bytes_separates_nothing()
    {
        // The second byte is a backslash (B3 5C in GBK, 49 5C in JIS X 0208) or an equals sign (49 3D).
        var chinese = new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, "GBK").AddOrUpdate(new DicomElement(DicomTag.OtherPatientIDs, DicomVR.LO, new byte[] { 0xB3, 0x5C, (byte)'\\', (byte)'A' }));
        Assert.Equal(["砛", "A"], chinese.GetStrings(DicomTag.OtherPatientIDs));
        var japanese = new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, @"\ISO 2022 IR 87").AddOrUpdate(new DicomElement(DicomTag.OtherPatientNames, DicomVR.PN,
            new byte[] { 0x1B, 0x24, 0x42, 0x49, 0x3D, 0x49, 0x5C, 0x1B, 0x28, 0x42, (byte)'\\', (byte)'A' }));
        Assert.Equal(["表府", "A"], japanese.GetStrings(DicomTag.OtherPatientNames));
    }

    [Fact]
    public void Korean_text_that_calls_its_set_once_is_read_to_the_end()
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, @"\ISO 2022 IR 149")
            .AddOrUpdate(new DicomElement(DicomTag.PatientName, DicomVR.PN, Convert.FromHexString("1B242943FBF35ED1CED4D7")));
        Assert.Equal("洪^吉洞", dataset.GetString(DicomTag.PatientName));
    }

    [Theory]
    [InlineData("ISO-IR 100")]
    [InlineData("ISO_IR_100")]
    [InlineData("ISO 2022 IR 100")]
    public void A_misspelt_term_is_understood(string term)
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, term).AddOrUpdate(new DicomElement(DicomTag.PatientName, DicomVR.PN, new byte[] { 0xC4, 0x20 }));
        Assert.Equal("Ä", dataset.GetString(DicomTag.PatientName));
    }

    [Theory]
    [InlineData("", "Müller", "U+00FC")]
    [InlineData("ISO_IR 100", "山田", "U+5C71")]
    [InlineData(@"\ISO 2022 IR 87", "홍", "U+D64D")]
    public void Text_that_the_set_lacks_is_an_error_that_names_attribute_and_character(string characterSet, string text, string codePoint)
    {
        var dataset = new DicomDataset().AddOrUpdate(DicomTag.SpecificCharacterSet, characterSet).AddOrUpdate(DicomTag.PatientName, text);
        var error = Assert.Throws<DicomDataException>(() => Saved(dataset));
        Assert.Contains("(0010,0010) PatientName", error.Message);
        Assert.Contains(codePoint, error.Message);
    }

    [Fact]
    public void A_person_name_has_three_groups_of_five_components()
    {
        var name = DicomPersonName.Parse("Adams^John Robert Quincy^Q^Rev.^B.A. M.Div.=山田^太郎=やまだ^たろう");
        Assert.Equal(new DicomPersonNameGroup("Adams", "John Robert Quincy", "Q", "Rev.", "B.A. M.Div."), name.Alphabetic);
        Assert.Equal("太郎", name.Ideographic.GivenName);
        Assert.Equal("やまだ", name.Phonetic.FamilyName);
        Assert.Equal("Adams^John Robert Quincy^Q^Rev.^B.A. M.Div.=山田^太郎=やまだ^たろう", name.ToString());
        Assert.Equal("=山田", DicomPersonName.Parse("=山田=").ToString());
    }

    string Save(string characterSet, string bytes)
    {
        var dataset = Phantom.MRImage();
        dataset.Remove(DicomTag.ProcedureCodeSequence);
        dataset.AddOrUpdate(DicomTag.SpecificCharacterSet, characterSet).AddOrUpdate(DicomVR.PN, DicomTag.PatientName, Padded(Convert.FromHexString(bytes)));
        var path = directory.File("name.dcm");
        new DicomFile(dataset).Save(path);
        return path;
    }

    static byte[] Padded(byte[] bytes) => (bytes.Length & 1) == 0 ? bytes : [.. bytes, 0x20];

    static DicomDataset Saved(DicomDataset dataset)
    {
        dataset.AddOrUpdate(DicomTag.SOPClassUID, DicomUID.MRImageStorage).AddOrUpdate(DicomTag.SOPInstanceUID, "1.2.3");
        var stream = new MemoryStream();
        new DicomFile(dataset).Save(stream);
        return DicomFile.Open(stream.ToArray()).Dataset;
    }
}
