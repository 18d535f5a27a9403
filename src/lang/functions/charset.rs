//! Text in other character encodings: `textencodebase64` and `textdecodebase64`, with encodings by their IANA names.

use super::call::{Call, FunctionError, Outcome};
use super::encoding::{from_base64, to_base64};
use crate::lang::value::{Value, quote};
use encoding_rs::Encoding;

/// How an encoding is done.
#[derive(Clone, Copy)]
enum Coder {
    Utf8,
    Ascii,
    /// Two bytes in this order; with a byte order mark if `mark`.
    Utf16 {
        little: bool,
        mark: bool,
    },
    /// As the standard of the web has it.
    Web(&'static Encoding),
    /// As the web's, but the bytes 80 to 9F are the control characters of the same number.
    WithControls(&'static Encoding),
}

/// Preferred name, other names, coder.
type Row = (&'static str, &'static [&'static str], Coder);

static ENCODINGS: &[Row] = &[
    (
        "US-ASCII",
        &[
            "iso-ir-6",
            "ANSI_X3.4-1968",
            "ANSI_X3.4-1986",
            "ISO_646.irv:1991",
            "ISO646-US",
            "us",
            "IBM367",
            "cp367",
            "csASCII",
            "ascii",
        ],
        Coder::Ascii,
    ),
    ("UTF-8", &["csUTF8"], Coder::Utf8),
    ("UTF-16", &["csUTF16"], Coder::Utf16 { little: false, mark: true }),
    ("UTF-16BE", &["csUTF16BE"], Coder::Utf16 { little: false, mark: false }),
    ("UTF-16LE", &["csUTF16LE"], Coder::Utf16 { little: true, mark: false }),
    (
        "ISO-8859-1",
        &["ISO_8859-1:1987", "iso-ir-100", "ISO_8859-1", "latin1", "l1", "IBM819", "CP819", "csISOLatin1"],
        Coder::WithControls(encoding_rs::WINDOWS_1252),
    ),
    (
        "ISO-8859-2",
        &["ISO_8859-2:1987", "iso-ir-101", "ISO_8859-2", "latin2", "l2", "csISOLatin2"],
        Coder::Web(encoding_rs::ISO_8859_2),
    ),
    (
        "ISO-8859-3",
        &["ISO_8859-3:1988", "iso-ir-109", "ISO_8859-3", "latin3", "l3", "csISOLatin3"],
        Coder::Web(encoding_rs::ISO_8859_3),
    ),
    (
        "ISO-8859-4",
        &["ISO_8859-4:1988", "iso-ir-110", "ISO_8859-4", "latin4", "l4", "csISOLatin4"],
        Coder::Web(encoding_rs::ISO_8859_4),
    ),
    (
        "ISO-8859-5",
        &["ISO_8859-5:1988", "iso-ir-144", "ISO_8859-5", "cyrillic", "csISOLatinCyrillic"],
        Coder::Web(encoding_rs::ISO_8859_5),
    ),
    (
        "ISO-8859-6",
        &["ISO_8859-6:1987", "iso-ir-127", "ISO_8859-6", "ECMA-114", "ASMO-708", "arabic", "csISOLatinArabic"],
        Coder::Web(encoding_rs::ISO_8859_6),
    ),
    (
        "ISO-8859-7",
        &["ISO_8859-7:1987", "iso-ir-126", "ISO_8859-7", "ELOT_928", "ECMA-118", "greek", "greek8", "csISOLatinGreek"],
        Coder::Web(encoding_rs::ISO_8859_7),
    ),
    (
        "ISO-8859-8",
        &["ISO_8859-8:1988", "iso-ir-138", "ISO_8859-8", "hebrew", "csISOLatinHebrew"],
        Coder::Web(encoding_rs::ISO_8859_8),
    ),
    (
        "ISO-8859-9",
        &["ISO_8859-9:1989", "iso-ir-148", "ISO_8859-9", "latin5", "l5", "csISOLatin5"],
        Coder::WithControls(encoding_rs::WINDOWS_1254),
    ),
    (
        "ISO-8859-10",
        &["iso-ir-157", "l6", "ISO_8859-10:1992", "csISOLatin6", "latin6"],
        Coder::Web(encoding_rs::ISO_8859_10),
    ),
    ("ISO-8859-13", &["csISO885913"], Coder::Web(encoding_rs::ISO_8859_13)),
    (
        "ISO-8859-14",
        &["iso-ir-199", "ISO_8859-14:1998", "ISO_8859-14", "latin8", "iso-celtic", "l8", "csISO885914"],
        Coder::Web(encoding_rs::ISO_8859_14),
    ),
    ("ISO-8859-15", &["ISO_8859-15", "Latin-9", "csISO885915"], Coder::Web(encoding_rs::ISO_8859_15)),
    (
        "ISO-8859-16",
        &["iso-ir-226", "ISO_8859-16:2001", "ISO_8859-16", "latin10", "l10", "csISO885916"],
        Coder::Web(encoding_rs::ISO_8859_16),
    ),
    ("IBM866", &["cp866", "866", "csIBM866"], Coder::Web(encoding_rs::IBM866)),
    ("KOI8-R", &["csKOI8R"], Coder::Web(encoding_rs::KOI8_R)),
    ("KOI8-U", &["csKOI8U"], Coder::Web(encoding_rs::KOI8_U)),
    ("macintosh", &["mac", "csMacintosh"], Coder::Web(encoding_rs::MACINTOSH)),
    ("windows-874", &["cswindows874"], Coder::Web(encoding_rs::WINDOWS_874)),
    ("windows-1250", &["cswindows1250"], Coder::Web(encoding_rs::WINDOWS_1250)),
    ("windows-1251", &["cswindows1251"], Coder::Web(encoding_rs::WINDOWS_1251)),
    ("windows-1252", &["cswindows1252"], Coder::Web(encoding_rs::WINDOWS_1252)),
    ("windows-1253", &["cswindows1253"], Coder::Web(encoding_rs::WINDOWS_1253)),
    ("windows-1254", &["cswindows1254"], Coder::Web(encoding_rs::WINDOWS_1254)),
    ("windows-1255", &["cswindows1255"], Coder::Web(encoding_rs::WINDOWS_1255)),
    ("windows-1256", &["cswindows1256"], Coder::Web(encoding_rs::WINDOWS_1256)),
    ("windows-1257", &["cswindows1257"], Coder::Web(encoding_rs::WINDOWS_1257)),
    ("windows-1258", &["cswindows1258"], Coder::Web(encoding_rs::WINDOWS_1258)),
    (
        "EUC-JP",
        &["Extended_UNIX_Code_Packed_Format_for_Japanese", "csEUCPkdFmtJapanese"],
        Coder::Web(encoding_rs::EUC_JP),
    ),
    ("ISO-2022-JP", &["csISO2022JP"], Coder::Web(encoding_rs::ISO_2022_JP)),
    ("Shift_JIS", &["MS_Kanji", "csShiftJIS"], Coder::Web(encoding_rs::SHIFT_JIS)),
    ("EUC-KR", &["csEUCKR"], Coder::Web(encoding_rs::EUC_KR)),
    ("GB18030", &["csGB18030"], Coder::Web(encoding_rs::GB18030)),
    ("GBK", &["CP936", "MS936", "windows-936", "csGBK"], Coder::Web(encoding_rs::GBK)),
    ("Big5", &["csBig5"], Coder::Web(encoding_rs::BIG5)),
];

fn find(call: &Call<'_>) -> Result<(&'static str, Coder), FunctionError> {
    let wanted = call.text(1)?;
    let is = |name: &str| name.eq_ignore_ascii_case(wanted);
    ENCODINGS
        .iter()
        .find(|(name, others, _)| is(name) || others.iter().any(|other| is(other)))
        .map(|(name, _, coder)| (*name, *coder))
        .ok_or_else(|| {
            let message =
                format!("{} is not a supported IANA encoding name or alias in this Terraform version", quote(wanted));
            FunctionError::argument(1, message)
        })
}

fn encode(text: &str, coder: Coder) -> Option<Vec<u8>> {
    match coder {
        Coder::Utf8 => Some(text.as_bytes().to_vec()),
        Coder::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
        Coder::Utf16 { little, mark } => {
            let mark = mark.then_some(0xfeff);
            let units = mark.into_iter().chain(text.encode_utf16());
            Some(units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect())
        }
        Coder::Web(encoding) => {
            let (bytes, _, lossy) = encoding.encode(text);
            (!lossy).then(|| bytes.into_owned())
        }
        Coder::WithControls(encoding) => text
            .chars()
            .map(|c| match c {
                '\u{80}'..='\u{9f}' => u8::try_from(c as u32).ok(),
                c => {
                    let text = c.to_string();
                    let (bytes, _, lossy) = encoding.encode(&text);
                    match (&*bytes, lossy) {
                        ([byte @ (..=0x7f | 0xa0..)], false) => Some(*byte),
                        _ => None,
                    }
                }
            })
            .collect(),
    }
}

fn decode(bytes: &[u8], coder: Coder) -> Option<String> {
    let text = match coder {
        Coder::Utf8 => std::str::from_utf8(bytes).ok()?.to_owned(),
        Coder::Ascii => bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned())?,
        Coder::Utf16 { little, mark } => {
            let (little, bytes) = match (mark, bytes) {
                (true, [0xff, 0xfe, rest @ ..]) => (true, rest),
                (true, [0xfe, 0xff, rest @ ..]) => (false, rest),
                // Without a mark there is no telling the order.
                (true, _) => return None,
                (false, bytes) => (little, bytes),
            };
            if bytes.len() % 2 != 0 {
                return None;
            }
            let units = bytes.chunks_exact(2).filter_map(|pair| {
                let pair: [u8; 2] = pair.try_into().ok()?;
                Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
            });
            char::decode_utf16(units).collect::<Result<String, _>>().ok()?
        }
        Coder::Web(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned(),
        Coder::WithControls(encoding) => bytes
            .iter()
            .map(|byte| match byte {
                0x80..=0x9f => Some(char::from(*byte)),
                byte => encoding.decode_without_bom_handling_and_without_replacement(&[*byte])?.chars().next(),
            })
            .collect::<Option<String>>()?,
    };
    (!text.contains('\u{fffd}')).then_some(text)
}

pub fn textencodebase64(call: &Call<'_>) -> Outcome {
    let (name, coder) = find(call)?;
    match encode(call.text(0)?, coder) {
        Some(bytes) => Ok(Value::string(to_base64(&bytes))),
        None => Err(FunctionError::argument(
            0,
            format!("the given string contains characters that cannot be represented in {name}"),
        )),
    }
}

pub fn textdecodebase64(call: &Call<'_>) -> Outcome {
    let (name, coder) = find(call)?;
    let text = call.text(0)?;
    let Some(bytes) = from_base64(text) else {
        let bad = |b: u8| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\n' | b'\r'));
        let offset = text.bytes().position(bad).unwrap_or(text.len());
        let message = format!("the given value is has an invalid base64 symbol at offset {offset}");
        return Err(FunctionError::argument(0, message));
    };
    match decode(&bytes, coder) {
        Some(text) => Ok(Value::string_normalized(&text)),
        None => Err(FunctionError::argument(
            0,
            format!("the given string contains symbols that are not defined for {name}"),
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    #[test]
    fn text_goes_through_other_encodings() {
        for (text, encoding, base64) in [
            ("Hello", "UTF-16LE", "SABlAGwAbABvAA=="),
            ("a", "utf-16be", "AGE="),
            ("a", "UTF-16", "/v8AYQ=="),
            ("é", "latin1", "6Q=="),
            ("é", "windows-1252", "6Q=="),
            ("あ", "Shift_JIS", "gqA="),
            ("hello", "UTF-8", "aGVsbG8="),
        ] {
            assert_eq!(run("textencodebase64", &[s(text), s(encoding)]).unwrap(), s(base64), "{encoding}");
            assert_eq!(run("textdecodebase64", &[s(base64), s(encoding)]).unwrap(), s(text), "{encoding}");
        }
    }

    #[test]
    fn what_has_no_code_is_an_error() {
        assert_eq!(
            error("textencodebase64", &[s("€"), s("latin1")]),
            "the given string contains characters that cannot be represented in ISO-8859-1"
        );
        assert_eq!(
            error("textdecodebase64", &[s("/w=="), s("UTF-8")]),
            "the given string contains symbols that are not defined for UTF-8"
        );
        assert!(
            error("textencodebase64", &[s("a"), s("nope")]).starts_with("\"nope\" is not a supported IANA encoding")
        );
    }
}
