//! Sheets of answers at random, the same in every run.

use disco::suggest::{Answers, Question, Takes};

/// A generator of Knuth's: the next number is told by the last.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// What somebody might type for a part of an answer.
fn typed(takes: Takes, name: &str, dice: &mut Dice) -> String {
    let words = |words: &'static [(&str, &str)]| words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
    match takes {
        Takes::Word(of) => dice.pick(&words(of)).to_owned(),
        Takes::Words(of) => {
            let of = words(of);
            let first = dice.pick(&of).to_owned();
            if dice.roll(3) == 0 { format!("{first},{}", dice.pick(&of)) } else { first }
        }
        Takes::Size => dice.pick(&["10 kB", "2 MB", "500 MB", "20 GB", "900 GB", "5 TB", "80 TB", "3 PB"]).to_owned(),
        Takes::Percent => dice.pick(&["0 %", "20 %", "200 %"]).to_owned(),
        Takes::Time => dice.pick(&["30 s", "10 min", "2 h", "1 day"]).to_owned(),
        Takes::Number => dice.pick(&["1", "4", "300", "20000", "1000000"]).to_owned(),
        Takes::Count => dice.pick(&["0", "1", "5", "40", "300"]).to_owned(),
        Takes::Bool => dice.pick(&["true", "false"]).to_owned(),
        Takes::Name if name == "largest_flavor" => dice.pick(&["m1.xlarge", "m1.2xlarge", "r1.2xlarge"]).to_owned(),
        Takes::Name => "x".to_owned(),
    }
}

/// Some questions answered, others not.
pub(super) fn sheet(seed: u64) -> Answers {
    let mut dice = Dice::new(seed);
    let mut answers = Answers::default();
    for question in Question::ALL {
        if dice.roll(10) >= 6 {
            continue;
        }
        let measured = dice.roll(2) == 0;
        for field in question.fields() {
            let wanted =
                if field.name.starts_with("measured_") { measured } else { field.required || dice.roll(2) == 0 };
            if wanted {
                question.take(field, &typed(field.takes, field.name, &mut dice), &mut answers).unwrap();
            }
        }
    }
    answers
}

/// How many sheets are tried: the environment asks for more.
pub(super) fn count(usual: u64) -> u64 {
    std::env::var("DISCO_SUGGEST_SHEETS").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_sheet_is_its_own_text() {
    for seed in 0..300 {
        let sheet = sheet(seed);
        assert_eq!(super::answers(&sheet.text()), sheet, "{}", sheet.text());
    }
}
