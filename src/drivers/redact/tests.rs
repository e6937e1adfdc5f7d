use super::*;
use proptest::prelude::*;

const TOKEN: &str = "s3cr3t token/+%é";

fn redactor(secrets: &[(&str, &str)]) -> Redactor {
    Redactor::new(secrets.iter().copied())
}

/// Feeds `bytes` in pieces that end at `cuts`.
fn in_pieces(redactor: &Redactor, bytes: &[u8], cuts: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut stream = redactor.stream();
    let mut from = 0;
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    for cut in cuts {
        stream.feed(&bytes[from..cut], &mut out);
        from = cut;
    }
    stream.feed(&bytes[from..], &mut out);
    stream.finish(&mut out);
    out
}

/// Base64 by the letter of RFC 4648, independent of the code under test.
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let value = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for at in 0..4 {
            if at <= chunk.len() {
                out.push(char::from(alphabet[(value >> (18 - 6 * at) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn percent(bytes: &[u8], plain: impl Fn(u8) -> bool, upper: bool) -> String {
    bytes
        .iter()
        .map(|byte| match (plain(*byte), upper) {
            (true, _) => char::from(*byte).to_string(),
            (false, true) => format!("%{byte:02X}"),
            (false, false) => format!("%{byte:02x}"),
        })
        .collect()
}

#[test]
fn a_secret_is_replaced_by_its_name() {
    let redactor = redactor(&[("scrape_token", "tok-123456")]);
    assert_eq!(
        redactor.text("Bearer tok-123456, twice tok-123456"),
        "Bearer (secret scrape_token), twice (secret scrape_token)"
    );
    assert_eq!(redactor.text("tok-12345"), "tok-12345");
}

#[test]
fn too_short_a_secret_masks_nothing() {
    let redactor = redactor(&[("pin", "7"), ("empty", ""), ("word", "abc"), ("newlines", "\n\n\n\n\n\n")]);
    assert_eq!(redactor.text("7 apples, abc\n\n\n\n\n\n\n"), "7 apples, abc\n\n\n\n\n\n\n");
}

#[test]
fn a_prompt_without_newline_is_not_held_back() {
    let redactor = redactor(&[("token", "tok-123456")]);
    let mut stream = redactor.stream();
    let mut out = Vec::new();
    stream.feed(b"Password: ", &mut out);
    assert_eq!(out, b"Password: ");
    stream.feed(b"tok", &mut out);
    assert_eq!(out, b"Password: ", "three letters of the secret may be its beginning");
    stream.feed(b"en?", &mut out);
    assert_eq!(out, b"Password: token?");
}

#[test]
fn of_overlapping_secrets_no_end_is_left() {
    let redactor = redactor(&[("a", "abcdef"), ("b", "defghi"), ("c", "abcdefgh")]);
    assert_eq!(redactor.text("xabcdefghix"), "x(secret c)x");
    assert_eq!(redactor.text("xabcdefx"), "x(secret a)x");
}

#[test]
fn a_secret_of_several_lines_hides_as_a_whole_and_by_its_long_lines() {
    let key = "-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG\n{\n}\nx\n-----END KEY-----\n";
    let redactor = redactor(&[("key", key)]);
    assert_eq!(redactor.text(&format!("<{}>", key.trim_end())), "<(secret key)>");
    assert_eq!(redactor.text(&format!("<{}>", key.trim_end().replace('\n', "\r\n"))), "<(secret key)>");
    assert_eq!(redactor.text("+ echo MIIBVgIBADANBgkqhkiG"), "+ echo (secret key)");
    assert_eq!(redactor.text("if x {\n  y\n}"), "if x {\n  y\n}");
    let json = serde_json::json!({ "key": key }).to_string();
    assert_eq!(redactor.text(&json), "{\"key\":\"(secret key)\\n\"}");
}

#[test]
fn a_quote_at_the_end_is_masked_inside_json() {
    let redactor = redactor(&[("q", "pass\"word\"")]);
    assert_eq!(redactor.text(&serde_json::json!(["pass\"word\""]).to_string()), "[\"(secret q)\"]");
}

#[test]
fn wrapped_base64_is_masked() {
    let redactor = redactor(&[("token", TOKEN)]);
    let letters = base64(format!("user:{TOKEN}:rest").as_bytes(), STANDARD);
    for width in 1..20 {
        let wrapped: Vec<String> =
            letters.as_bytes().chunks(width).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
        let masked = redactor.text(&wrapped.join("\n"));
        assert!(masked.contains("(secret token)"), "width {width}: {masked}");
    }
}

#[test]
fn bytes_that_are_not_text_pass_unchanged() {
    let redactor = redactor(&[("token", TOKEN)]);
    let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    assert_eq!(in_pieces(&redactor, &bytes, &[17, 4096, 8191]), bytes);
}

proptest! {
    #[test]
    fn no_cut_lets_a_secret_through(
        secret in "[ -~é中\n]{4,40}",
        before in "[ -~\n]{0,30}",
        after in "[ -~\n]{0,30}",
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let whole = secret.trim_end_matches(['\r', '\n']);
        prop_assume!(whole.len() >= MIN_SECRET_BYTES);
        let redactor = redactor(&[("it", &secret)]);
        let text = format!("{before}{whole}{after}");
        let out = in_pieces(&redactor, text.as_bytes(), &cuts);
        prop_assert!(String::from_utf8_lossy(&out).contains("(secret it)"));
        prop_assert_eq!(out, redactor.text(&text).into_bytes(), "pieces do not matter");
    }

    #[test]
    fn percent_encoded_by_any_encoder(secret in "[ -~é中]{4,30}", plain in any::<u64>(), upper in any::<bool>()) {
        let redactor = redactor(&[("it", &secret)]);
        let encoded = percent(secret.as_bytes(), |byte| byte.is_ascii() && byte != b'%' && plain >> (byte % 64) & 1 == 1, upper);
        prop_assert_eq!(redactor.text(&format!("?t={encoded}&x")), "?t=(secret it)&x");
        let form = percent(secret.as_bytes(), |byte| byte.is_ascii_alphanumeric() || byte == b' ', upper).replace(' ', "+");
        prop_assert_eq!(redactor.text(&format!("?t={form}&x")), "?t=(secret it)&x");
    }

    #[test]
    fn in_base64_at_any_alignment(
        secret in "[ -~é中]{8,40}",
        before in prop::collection::vec(any::<u8>(), 0..7),
        after in prop::collection::vec(any::<u8>(), 0..7),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let redactor = redactor(&[("it", &secret)]);
        let bytes: Vec<u8> = before.iter().copied().chain(secret.bytes()).chain(after.iter().copied()).collect();
        for alphabet in [STANDARD, URL_SAFE] {
            let out = in_pieces(&redactor, base64(&bytes, alphabet).as_bytes(), &cuts);
            let text = String::from_utf8_lossy(&out);
            prop_assert!(text.contains("(secret it)"), "{}", text);
            // What is left are the letters of the other bytes, and one letter at each side that they share.
            let left = text.replace("(secret it)", "").len();
            prop_assert!(left <= (before.len() + after.len()) * 4 / 3 + 8, "{}", text);
        }
    }
}
