//! The texts of SQL that stand in the sources, found in their tokens: what a macro like `concat!` puts together from literals
//! is one text, and what only runs put together is a text with holes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};

/// Its pieces, with a hole between each two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) file: PathBuf,
    pub(super) pieces: Vec<String>,
}

/// All texts of the sources below a folder, but those of tests.
pub(super) fn texts_below(folder: &Path) -> Vec<Text> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(texts_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let found = texts_of(&fs::read_to_string(&path).unwrap());
            texts.extend(found.into_iter().map(|pieces| Text { file: path.clone(), pieces }));
        }
    }
    texts
}

/// The texts of one file, each as its pieces.
pub(super) fn texts_of(source: &str) -> Vec<Vec<String>> {
    let tokens: Vec<TokenTree> = source.parse::<TokenStream>().unwrap().into_iter().collect();
    let mut macros = HashMap::new();
    learn(&tokens, &mut macros);
    let mut texts = Vec::new();
    collect(&tokens, &macros, &mut texts);
    texts
}

/// The bodies of macros without parameters, by their names.
fn learn(tokens: &[TokenTree], macros: &mut HashMap<String, Vec<TokenTree>>) {
    for window in tokens.windows(4) {
        let [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Ident(name), TokenTree::Group(rules)] = window
        else {
            continue;
        };
        let rules: Vec<TokenTree> = rules.stream().into_iter().collect();
        if word == "macro_rules"
            && let [TokenTree::Group(parameters), _, _, TokenTree::Group(body), ..] = rules.as_slice()
            && parameters.stream().is_empty()
        {
            macros.insert(name.to_string(), body.stream().into_iter().collect());
        }
    }
}

fn collect(tokens: &[TokenTree], macros: &HashMap<String, Vec<TokenTree>>, texts: &mut Vec<Vec<String>>) {
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        match (token, tokens.get(place + 1), tokens.get(place + 2)) {
            // An attribute: a comment for documentation, or the mark of tests.
            (TokenTree::Punct(sign), Some(TokenTree::Group(attribute)), _) if sign.as_char() == '#' => {
                place += if is_mark_of_tests(&attribute.stream()) { item_length(&tokens[place..]) } else { 2 };
                continue;
            }
            (TokenTree::Ident(word), Some(TokenTree::Punct(_)), Some(TokenTree::Group(parts))) if word == "concat" => {
                texts.push(with_holes(joined(parts.stream(), macros)));
                place += 3;
                continue;
            }
            (TokenTree::Literal(literal), ..) => {
                texts.extend(text_of(literal).map(|text| with_holes(vec![text])));
            }
            (TokenTree::Group(group), ..) => {
                collect(&group.stream().into_iter().collect::<Vec<_>>(), macros, texts);
            }
            _ => {}
        }
        place += 1;
    }
}

fn is_mark_of_tests(attribute: &TokenStream) -> bool {
    attribute.to_string().replace(' ', "") == "cfg(test)"
}

/// Up to the end of the item that stands behind an attribute.
fn item_length(tokens: &[TokenTree]) -> usize {
    let end = tokens.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    });
    end.map_or(tokens.len(), |end| end + 1)
}

/// The parts of a `concat!`; two that are not known one after another are one hole.
fn joined(parts: TokenStream, macros: &HashMap<String, Vec<TokenTree>>) -> Vec<String> {
    let tokens: Vec<TokenTree> = parts.into_iter().collect();
    let mut pieces = vec![String::new()];
    for part in tokens.split(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')) {
        match known(part, macros) {
            Some(text) => pieces.last_mut().unwrap().push_str(&text),
            None if part.is_empty() => {}
            None => pieces.push(String::new()),
        }
    }
    pieces
}

fn known(part: &[TokenTree], macros: &HashMap<String, Vec<TokenTree>>) -> Option<String> {
    match part {
        [TokenTree::Literal(literal)] => text_of(literal),
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(parts)] if name == "concat" => {
            let mut pieces = joined(parts.stream(), macros);
            if pieces.len() == 1 { pieces.pop() } else { None }
        }
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(_)] => {
            known(macros.get(&name.to_string()).map(Vec::as_slice)?, macros)
        }
        _ => None,
    }
}

/// Where `format!` fills something in, there is a hole: SQL itself has no braces.
fn with_holes(pieces: Vec<String>) -> Vec<String> {
    let mut apart = Vec::new();
    for piece in pieces {
        let mut rest = piece.as_str();
        while let Some((before, behind)) = rest.split_once('{') {
            let Some((_, after)) = behind.split_once('}') else { break };
            apart.push(before.to_owned());
            rest = after;
        }
        apart.push(rest.to_owned());
    }
    apart
}

/// What a literal of a string says.
fn text_of(literal: &Literal) -> Option<String> {
    let written = literal.to_string();
    if let Some(raw) = written.strip_prefix('r') {
        return Some(raw.trim_matches('#').trim_matches('"').to_owned());
    }
    let inner = written.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // A backslash at the end of a line joins it to the next one without its indentation.
            '\\' if letters.peek() == Some(&'\n') => {
                while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
            }
            '\\' => text.extend(letters.next().map(|escaped| if escaped == 'n' { '\n' } else { escaped })),
            other => text.push(other),
        }
    }
    Some(text)
}

#[test]
fn texts_are_read_as_the_compiler_reads_them() {
    let source = r##"
        macro_rules! columns { () => { "a, b" }; }
        /// Not "FROM a comment".
        const ONE: &str = concat!("SELECT ", columns!(), " FROM t \
                                  WHERE \"left\" = 1", unknown!(x), " LIMIT 1");
        fn f() { format!("SELECT {0} FROM {name} AS x", y); }
        #[cfg(test)]
        mod tests { const NOT: &str = "SELECT 1 FROM tests"; }
        const TWO: &str = r#"plain"#;
    "##;
    let wanted: [&[&str]; 4] = [
        &["a, b"],
        &["SELECT a, b FROM t WHERE \"left\" = 1", " LIMIT 1"],
        &["SELECT ", " FROM ", " AS x"],
        &["plain"],
    ];
    assert_eq!(texts_of(source), wanted);
}
