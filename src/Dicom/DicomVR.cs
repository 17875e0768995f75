namespace SoftSeg.Dicom;

/// <summary>A value representation (PS3.5 6.2).</summary>
public sealed class DicomVR
{
    const byte Space = 0x20;

    static readonly DicomVR[] Table = new DicomVR[34];
    static int registered;

    // In the order of the codes in DicomDictionary's table: alphabetical.
    public static readonly DicomVR AE = Text("AE");
    public static readonly DicomVR AS = Text("AS");
    public static readonly DicomVR AT = Binary("AT", 2, valueSize: 4);
    public static readonly DicomVR CS = Text("CS");
    public static readonly DicomVR DA = Text("DA");
    public static readonly DicomVR DS = Text("DS");
    public static readonly DicomVR DT = Text("DT");
    public static readonly DicomVR FD = Binary("FD", 8);
    public static readonly DicomVR FL = Binary("FL", 4);
    public static readonly DicomVR IS = Text("IS");
    public static readonly DicomVR LO = Text("LO", characterSet: true);
    public static readonly DicomVR LT = Text("LT", characterSet: true, multiple: false);
    public static readonly DicomVR OB = Binary("OB", 1, isLong: true);
    public static readonly DicomVR OD = Binary("OD", 8, isLong: true);
    public static readonly DicomVR OF = Binary("OF", 4, isLong: true);
    public static readonly DicomVR OL = Binary("OL", 4, isLong: true);
    public static readonly DicomVR OV = Binary("OV", 8, isLong: true);
    public static readonly DicomVR OW = Binary("OW", 2, isLong: true);
    public static readonly DicomVR PN = Text("PN", characterSet: true);
    public static readonly DicomVR SH = Text("SH", characterSet: true);
    public static readonly DicomVR SL = Binary("SL", 4);
    public static readonly DicomVR SQ = Binary("SQ", 1, isLong: true);
    public static readonly DicomVR SS = Binary("SS", 2);
    public static readonly DicomVR ST = Text("ST", characterSet: true, multiple: false);
    public static readonly DicomVR SV = Binary("SV", 8, isLong: true);
    public static readonly DicomVR TM = Text("TM");
    public static readonly DicomVR UC = Text("UC", characterSet: true, isLong: true);
    public static readonly DicomVR UI = Text("UI", padding: 0);
    public static readonly DicomVR UL = Binary("UL", 4);
    public static readonly DicomVR UN = Binary("UN", 1, isLong: true);
    public static readonly DicomVR UR = Text("UR", multiple: false, isLong: true);
    public static readonly DicomVR US = Binary("US", 2);
    public static readonly DicomVR UT = Text("UT", characterSet: true, multiple: false, isLong: true);
    public static readonly DicomVR UV = Binary("UV", 8, isLong: true);

    DicomVR(string code, int unitSize, int valueSize, byte padding, bool isText, bool characterSet, bool multiple, bool isLong)
    {
        (Code, UnitSize, ValueSize, PaddingByte) = (code, unitSize, valueSize, padding);
        (IsText, UsesCharacterSet, IsMultiValued, IsLongLength) = (isText, characterSet, multiple, isLong);
        Index = (byte)registered;
        Table[registered++] = this;
    }

    /// <summary>Two letters.</summary>
    public string Code { get; }

    /// <summary>In explicit VR: two reserved bytes and a length of four bytes; otherwise the length has two bytes (PS3.5 7.1.2).</summary>
    public bool IsLongLength { get; }

    /// <summary>Bytes that change places between little and big endian; 1 where none do.</summary>
    public int UnitSize { get; }

    /// <summary>Bytes of one value of a number or tag; 1 for text and byte strings.</summary>
    internal int ValueSize { get; }

    /// <summary>Fills a value up to an even length: NUL for UI and bytes, space for text.</summary>
    public byte PaddingByte { get; }

    public bool IsText { get; }

    /// <summary>Text in the data set's Specific Character Set; other text is ASCII (PS3.5 6.1.2.3).</summary>
    public bool UsesCharacterSet { get; }

    /// <summary>Text with backslashes between values. In ST, LT, UT and UR a backslash is text.</summary>
    public bool IsMultiValued { get; }

    /// <summary>Leading spaces count as text: ST, LT, UT, UC (PS3.5 table 6.2-1).</summary>
    internal bool KeepsLeadingSpaces => this == ST || this == LT || this == UT || this == UC || this == UR;

    /// <summary>One of the number types of one fixed size: not OB, OW and the like, which are bytes until asked.</summary>
    internal bool IsNumber => this == US || this == SS || this == UL || this == SL || this == FL || this == FD || this == UV || this == SV;

    internal byte Index { get; }

    internal static DicomVR FromIndex(int index) => Table[index];

    /// <summary>The representation with this two-letter code, or null.</summary>
    public static DicomVR? Lookup(ReadOnlySpan<char> code) => code.Length == 2 && char.IsAscii(code[0]) && char.IsAscii(code[1])
        ? Lookup((byte)code[0], (byte)code[1]) : null;

    internal static DicomVR? Lookup(byte first, byte second) => ((first << 8) | second) switch
    {
        'A' << 8 | 'E' => AE,
        'A' << 8 | 'S' => AS,
        'A' << 8 | 'T' => AT,
        'C' << 8 | 'S' => CS,
        'D' << 8 | 'A' => DA,
        'D' << 8 | 'S' => DS,
        'D' << 8 | 'T' => DT,
        'F' << 8 | 'D' => FD,
        'F' << 8 | 'L' => FL,
        'I' << 8 | 'S' => IS,
        'L' << 8 | 'O' => LO,
        'L' << 8 | 'T' => LT,
        'O' << 8 | 'B' => OB,
        'O' << 8 | 'D' => OD,
        'O' << 8 | 'F' => OF,
        'O' << 8 | 'L' => OL,
        'O' << 8 | 'V' => OV,
        'O' << 8 | 'W' => OW,
        'P' << 8 | 'N' => PN,
        'S' << 8 | 'H' => SH,
        'S' << 8 | 'L' => SL,
        'S' << 8 | 'Q' => SQ,
        'S' << 8 | 'S' => SS,
        'S' << 8 | 'T' => ST,
        'S' << 8 | 'V' => SV,
        'T' << 8 | 'M' => TM,
        'U' << 8 | 'C' => UC,
        'U' << 8 | 'I' => UI,
        'U' << 8 | 'L' => UL,
        'U' << 8 | 'N' => UN,
        'U' << 8 | 'R' => UR,
        'U' << 8 | 'S' => US,
        'U' << 8 | 'T' => UT,
        'U' << 8 | 'V' => UV,
        _ => null,
    };

    public override string ToString() => Code;

    static DicomVR Text(string code, bool characterSet = false, bool multiple = true, bool isLong = false, byte padding = Space) =>
        new(code, 1, 1, padding, isText: true, characterSet, multiple, isLong);

    static DicomVR Binary(string code, int unitSize, int valueSize = 0, bool isLong = false) =>
        new(code, unitSize, valueSize == 0 ? unitSize : valueSize, 0, isText: false, characterSet: false, multiple: false, isLong);
}
