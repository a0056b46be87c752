//! Words to expect, cut to what a model keeps of them.

/// The tokens of the first of some words, separated by commas, that are at most `most` tokens together.
pub(crate) fn fitting<T>(words: &str, most: usize, tokenize: impl Fn(&str) -> Vec<T>) -> Vec<T> {
    let mut fits = vec![];
    let ends = words.match_indices(',').map(|(at, _)| at).chain([words.len()]);
    for text in ends.filter_map(|end| words.get(..end)) {
        let tokens = tokenize(text);
        if tokens.len() > most {
            break;
        }
        fits = tokens;
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn the_first_words_that_fit_are_kept_whole() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        for (words, most, kept) in [
            ("kyphoplasty, PEEK cage, ligamentum flavum", 60, "kyphoplasty, PEEK cage, ligamentum flavum"),
            ("kyphoplasty, PEEK cage, ligamentum flavum", 40, "kyphoplasty, PEEK cage"),
            ("kyphoplasty, PEEK cage", 11, "kyphoplasty"),
            ("kyphoplasty, PEEK cage", 10, ""),
            ("", 10, ""),
            ("kyphoplasty", 0, ""),
        ] {
            assert_eq!(fitting(words, most, letters).iter().collect::<String>(), kept, "{words} in {most}");
        }
    }
}
