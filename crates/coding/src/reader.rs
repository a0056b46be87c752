//! The deterministic reader: from sentences to entities — a concept with its levels, side and assertion.
//!
//! The model's proposals come through the same door: a quote is read here like any other words, and an
//! entity it covers is marked as seen by both.

use crate::assertion::{self, Assertion};
use crate::catalogue::Catalogue;
use crate::concept::{CONCEPTS, Concept, Role};
use crate::document::{self, Kind};
use crate::level::{Group, Item, groups, mentions, sides, with_named, with_pointed};
use crate::llm::{self, Proposals};
use crate::sections::{Part, Sentence, sentences};
use crate::standing::{self, Standing};
use crate::text::{Doc, all, has, re};
use crate::unread;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, ReadBy, Vertebra};
use jiff::civil::Date;

/// A concept found in the text.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    pub(crate) concept: Concept,
    pub(crate) role: Role,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Index into [`Note::sentences`].
    pub(crate) sentence: usize,
    pub(crate) part: Part,
    pub(crate) assertion: Assertion,
    /// Level lists that belong to it.
    pub(crate) groups: Vec<Group>,
    pub(crate) side: Option<Laterality>,
    pub(crate) read_by: ReadBy,
    /// The model reads it as not done.
    pub(crate) doubted: bool,
}

impl Entity {
    pub(crate) fn interspaces(&self) -> Vec<Interspace> {
        crate::level::dedup(self.groups.iter().flat_map(Group::interspaces).collect())
    }
    pub(crate) fn vertebrae(&self) -> Vec<Vertebra> {
        crate::level::dedup(self.groups.iter().flat_map(Group::vertebrae).collect())
    }
    /// From its first to its last word or level, for evidence.
    pub(crate) fn reach(&self) -> (usize, usize) {
        let start = self.groups.iter().map(|g| g.start).chain([self.start]).min().unwrap_or(self.start);
        let end = self.groups.iter().map(|g| g.end).chain([self.end]).max().unwrap_or(self.end);
        if end - start <= 220 { (start, end) } else { (self.start, self.end) }
    }
    pub(crate) fn done(&self) -> bool {
        self.assertion == Assertion::Done && !matches!(self.part, Part::History | Part::Plan)
    }
}

/// A note read once: its sentences, level lists and entities.
pub(crate) struct Note {
    /// What kind of document it is.
    pub(crate) kind: Kind,
    /// Where it says that the operation was called off before it began.
    pub(crate) cancelled: Option<(usize, usize)>,
    pub(crate) doc: Doc,
    pub(crate) sentences: Vec<Sentence>,
    pub(crate) groups: Vec<Group>,
    pub(crate) entities: Vec<Entity>,
    /// What kind of text it is.
    pub(crate) standing: Standing,
    /// The catalogue it was read with.
    pub(crate) catalogue: &'static Catalogue,
    /// Passages the model calls work and the rules cannot name.
    pub(crate) unnamed: Vec<(usize, usize)>,
    /// Days of operation its headings name.
    pub(crate) days: Vec<(usize, Date)>,
}

impl Note {
    /// Reads a text with the shipped catalogue.
    #[cfg(test)]
    pub(crate) fn read(text: &str) -> Self {
        Self::read_with(text, Catalogue::standard(), jiff::civil::date(2026, 1, 1))
    }

    /// Reads a text.
    pub(crate) fn read_with(text: &str, catalogue: &'static Catalogue, dos: Date) -> Self {
        let mut doc = Doc::new(text);
        crate::correct::in_place(&mut doc.norm);
        crate::level::heard_letters(&mut doc.norm);
        let other_days = unread::other_days(&mut doc.norm, dos);
        doc.unread.extend(other_days);
        let days = unread::days(&doc.norm);
        unread::todays_date(&mut doc.norm, dos);
        let mut sentences = sentences(&doc);
        let standing = standing::read(&doc, &mut sentences, dos);
        let kind = document::kind(&doc, &sentences);
        let cancelled = sentences
            .iter()
            .filter(|s| s.part != Part::History)
            .find_map(|s| crate::assertion::cancelled(&doc.norm, (s.start, s.end)));
        let named = with_named(&doc.norm, mentions(&doc.norm));
        let groups = with_pointed(&doc.norm, groups(&doc.norm, &named));
        let mut note = Self {
            kind,
            cancelled,
            doc,
            sentences,
            groups,
            entities: vec![],
            standing,
            catalogue,
            unnamed: vec![],
            days,
        };
        let mut found = vec![];
        for i in 0..note.sentences.len() {
            found.extend(note.in_sentence(i));
        }
        same_again(&note, &mut found);
        along_troughs(&note, &mut found);
        parts_follow(&mut found);
        if note.reports_nothing() {
            for e in found.iter_mut().filter(|e| e.assertion == Assertion::Done) {
                e.assertion = Assertion::Planned;
            }
        }
        note.entities = found;
        note
    }

    /// Whether nothing in it can be a service of the day: another kind of document, or the work was called off.
    pub(crate) const fn reports_nothing(&self) -> bool {
        self.kind.reports_no_service() || self.cancelled.is_some()
    }

    /// The part of the note an offset lies in.
    pub(crate) fn part_at(&self, at: usize) -> Option<Part> {
        self.sentences.iter().find(|s| s.start <= at && at < s.end).map(|s| s.part)
    }

    /// The words of a sentence.
    pub(crate) fn words(&self, i: usize) -> &str {
        self.sentences.get(i).map_or("", |s| self.doc.slice(s.start, s.end))
    }

    /// Marks entities the model quoted as work, device or graft, and doubts those it quotes as not done.
    /// What it quotes as work that the rules cannot name is kept for a question.
    pub(crate) fn merge(&mut self, proposals: &Proposals, alone: bool) {
        for p in &proposals.items {
            let mut named = false;
            for e in self.entities.iter_mut().filter(|e| p.span.start <= e.start && e.end <= p.span.end) {
                named = true;
                match p.kind {
                    llm::Kind::Diagnosis => {}
                    llm::Kind::NotDone => e.doubted = true,
                    llm::Kind::Procedure | llm::Kind::Implant | llm::Kind::Graft => {
                        e.read_by = if alone { ReadBy::Llm } else { ReadBy::Both }
                    }
                }
            }
            if !named && p.kind == llm::Kind::Procedure {
                self.unnamed.push((p.span.start, p.span.end));
            }
        }
    }

    /// What a sentence may name, in the order in which words are taken: the catalogue's procedures, then the
    /// concepts. A procedure whose words mean something else in this sentence takes none.
    fn names<'a>(&'a self, words: &str) -> Vec<(Concept, Role, Vec<&'a regex::Regex>)> {
        let listed = (0u16..).zip(&self.catalogue.procedures);
        let listed = listed.filter(|(_, p)| !p.unless.iter().any(|w| w.0.is_match(words)));
        let listed = listed
            .map(|(i, p)| (Concept::Listed(i), p.role, p.patterns.iter().map(|w| &w.0).collect::<Vec<_>>()));
        let open = CONCEPTS.iter().filter(|e| e.gate.as_ref().is_none_or(|g| g.is_match(words)));
        listed.chain(open.map(|e| (e.id, e.role, e.patterns.iter().collect()))).collect()
    }

    fn in_sentence(&self, index: usize) -> Vec<Entity> {
        let Some(s) = self.sentences.get(index).copied() else { return vec![] };
        let mut masked = self.doc.slice(s.start, s.end).to_owned();
        // A disease named after an operation is none.
        for (a, b) in all(&CONDITION, self.doc.slice(s.start, s.end)) {
            masked.replace_range(a..b, &"\u{1}".repeat(b - a));
        }
        let words = masked.clone();
        let mut found: Vec<Entity> = vec![];
        for (concept, role, patterns) in self.names(&words) {
            for p in patterns {
                let act = role == Role::Act;
                let words = if act { &words } else { &masked };
                let hits: Vec<(usize, usize)> = p.find_iter(words).map(|m| (m.start(), m.end())).collect();
                for (a, b) in hits {
                    if !act {
                        masked.replace_range(a..b, &"\u{1}".repeat(b - a));
                    }
                    let (start, end) = (s.start + a, s.start + b);
                    let read =
                        if s.part == Part::Procedures { assertion::read_listed } else { assertion::read_act };
                    let mut assertion = read(&self.doc.norm, (s.start, s.end), start, end);
                    let device = matches!(role, Role::Device | Role::Graft);
                    // A plate tried and taken off again is none.
                    if device && assertion == Assertion::Done && has(&TRIED, self.doc.slice(end, s.end)) {
                        assertion = Assertion::Denied;
                    }
                    // "The laminectomy defect was inspected": a thing met, not an act.
                    let opened =
                        matches!(concept, Concept::Laminectomy | Concept::Laminotomy | Concept::LaminaOpened);
                    if opened && has(&A_PLACE, self.doc.slice(end, s.end)) {
                        assertion = Assertion::Past;
                    }
                    if act {
                        let told = self.doc.slice(start, end);
                        // "Facets were not resected" is the act and its denial in one.
                        if assertion == Assertion::Done && has(&NOT_WITHIN, told) {
                            assertion = Assertion::Denied;
                        }
                        // "Drilled before the laminae were touched"; "packed with the milled lamina": no opening.
                        if has(&NO_ACT, told) {
                            continue;
                        }
                        // "The cartilage was removed, and the laminae ...": what was removed stands before.
                        let before = self.doc.slice(s.start, start);
                        if told.contains(',') && has(&PASSIVE_BEFORE, before) {
                            continue;
                        }
                    }
                    found.push(Entity {
                        concept,
                        role,
                        start,
                        end,
                        sentence: index,
                        part: s.part,
                        assertion,
                        groups: vec![],
                        side: None,
                        read_by: ReadBy::Rules,
                        doubted: false,
                    });
                }
            }
        }
        found.sort_by_key(|e| e.start);
        let places: Vec<(usize, usize)> = found
            .iter()
            .filter(|e| !matches!(e.role, Role::Aid | Role::Act))
            .map(|e| (e.start, e.end))
            .collect();
        for e in &mut found {
            e.groups = self.levels_of(s, e, &places);
            e.side = self.side_of(s, e);
        }
        // "A *** cage was placed at @LEVEL@": a form's sentence, not yet a record.
        let form = crate::notice::has_blank(self.doc.slice(s.start, s.end));
        for e in found.iter_mut().filter(|e| form && e.groups.is_empty() && e.assertion == Assertion::Done) {
            e.assertion = Assertion::Planned;
        }
        carry(&mut found);
        found
    }

    /// Whether levels named as nerves can belong to a concept.
    fn treats_nerves(&self, c: Concept) -> bool {
        match c {
            Concept::Listed(i) => self.catalogue.procedures.get(usize::from(i)).is_some_and(|p| p.nerves),
            _ => false,
        }
    }

    /// Level lists of an entity: in its clause; else the next before another piece of work; else the last
    /// before it; else any of the sentence.
    fn levels_of(&self, s: Sentence, e: &Entity, places: &[(usize, usize)]) -> Vec<Group> {
        let here: Vec<&Group> = self
            .groups
            .iter()
            .filter(|g| g.start >= s.start && g.end <= s.end && (!g.nerve || self.treats_nerves(e.concept)))
            .collect();
        if here.is_empty() {
            return vec![];
        }
        let (from, to) = self.clause(s, e);
        let clause: Vec<Group> =
            here.iter().filter(|g| g.start >= from && g.end <= to).map(|g| (*g).clone()).collect();
        if !clause.is_empty() {
            return self.shared_out(clause, e, from, places);
        }
        let next_work = places.iter().map(|p| p.0).filter(|p| *p > e.end).min().unwrap_or(s.end);
        let earlier = here.iter().rev().find(|g| g.end <= e.start);
        // "T11 laminectomy, removal of tumor, T9-L1 fusion": a level right before other work is that work's.
        let of_next = |g: &Group| {
            let apart = has(&BREAK, self.doc.slice(e.end, g.start));
            let joined = places.iter().any(|p| {
                p.0 >= g.end && p.0 - g.end < 24 && {
                    let between = self.doc.slice(g.end, p.0);
                    !has(&BREAK, between) && !has(&JOINED, between)
                }
            });
            apart && joined && earlier.is_some()
        };
        if let Some(g) = here.iter().find(|g| g.start >= e.end && g.start < next_work)
            && !of_next(g)
        {
            return vec![(*g).clone()];
        }
        if let Some(g) = earlier {
            return vec![(*g).clone()];
        }
        here.first().map(|g| vec![(*g).clone()]).unwrap_or_default()
    }

    /// Level lists of a clause that names several pieces of work, each with its own: "fusion T10 to S1 and
    /// osteotomies at L2-3", "L3-4 laminectomy and L4-5 discectomy". A list between two pieces belongs to the
    /// one before it where the clause begins with work or the words say "at", to the one after it where the
    /// clause begins with a level.
    fn shared_out(
        &self,
        clause: Vec<Group>,
        e: &Entity,
        from: usize,
        places: &[(usize, usize)],
    ) -> Vec<Group> {
        let (Some(first), Some(last)) = (clause.first(), clause.last()) else { return clause };
        let parted = places.iter().any(|p| first.end <= p.0 && p.1 <= last.start);
        if !parted {
            return clause;
        }
        let next = places.iter().map(|p| p.0).filter(|p| *p >= e.end).min().unwrap_or(usize::MAX);
        let before = places.iter().map(|p| p.1).filter(|p| *p <= e.start).max().unwrap_or(0);
        let pick = |lo: usize, hi: usize| -> Vec<Group> {
            clause.iter().filter(|g| g.start >= lo && g.end <= hi).cloned().collect()
        };
        let after = pick(e.end, next);
        let ahead = pick(before, e.start);
        let at = after.first().is_some_and(|g| {
            let between = self.doc.slice(e.end, g.start);
            has(&AT, between) && !has(&JOINED, between)
        });
        let work_first = at || places.iter().any(|p| p.0 >= from && p.1 <= first.start);
        let (one, other) = if work_first { (after, ahead) } else { (ahead, after) };
        match (one.is_empty(), other.is_empty()) {
            (false, _) => one,
            (true, false) => other,
            _ => clause,
        }
    }

    /// The clause an entity stands in: between commas that do not separate levels, and between its
    /// neighbours when each has its own levels.
    fn clause(&self, s: Sentence, e: &Entity) -> (usize, usize) {
        let text = self.doc.slice(s.start, s.end);
        let breaks: Vec<usize> = all(&BREAK, text)
            .into_iter()
            .map(|(a, _)| s.start + a)
            .filter(|at| !self.groups.iter().any(|g| g.start <= *at && *at < g.end))
            .filter(|at| !self.in_list_of_sides(*at))
            .collect();
        let from = breaks.iter().copied().filter(|b| *b < e.start).max().unwrap_or(s.start);
        let to = breaks.iter().copied().filter(|b| *b >= e.end).min().unwrap_or(s.end);
        (from, to)
    }

    /// "R L4-5, R L5-S1": the comma stands between levels that each have their side.
    fn in_list_of_sides(&self, at: usize) -> bool {
        let before = self.groups.iter().rev().find(|g| g.end <= at);
        let after = self.groups.iter().find(|g| g.start > at);
        let (Some(before), Some(after)) = (before, after) else { return false };
        has(&SIDE_BETWEEN, self.doc.slice(before.end, after.start))
            && has(&SIDE_AT_END, self.doc.slice(before.start.saturating_sub(12), before.start))
    }

    fn side_of(&self, s: Sentence, e: &Entity) -> Option<Laterality> {
        let (from, to) = self.clause(s, e);
        one_side(self.doc.slice(from, to)).or_else(|| one_side(self.doc.slice(s.start, s.end)))
    }
}

re!(
    CONDITION,
    r"\bpost[- ]?(?:lamin\w+ectom\w+|laminectom\w+|laminotom\w+|dis[ck]ectom\w+|fusion|decompression)(?: \w+)? (?:syndrome|kypho\w+|instability|pain|stenosis|deformity|membrane)|\bpost[- ]?laminectomy\b|\b(?:end|growth)[- ]plates?\b|\brib[- ]?cage\b|\b(?:scrap|curett|rasp|prepar|clean|decorticat|roughen)\w+ (?:of )?(?:the |both |bony |two )*plates?\b|\bplates? (?:were |was )?(?:scraped|rasped|curetted|decorticated|denuded|shaved|bared|stripped|to bleeding|bleeding|bled)\b|failed (?:back|neck) surgery"
);
re!(
    TRIED,
    r"^[^.;\n]{0,90}\b(?:taken (?:off|out) again|removed again|(?:taken (?:off|out)|removed) and (?:not replaced|nothing)|thrown (?:out|away)|sent back|handed back|(?:put|went) back (?:on|to) the (?:shelf|table|tray|set)|returned to the (?:shelf|table|tray|set|company))"
);
re!(A_PLACE, r"^ (?:defects?|beds?|sites?|scars?|membrane|cavity)\b");
re!(NOT_WITHIN, r"\b(?:not|never|no|nor|without)\b|n't\b");
re!(
    NO_ACT,
    r", and (?:then )?\w+ed\b|\b(?:before|until|while|packed|filled|stuffed|morsel\w+|milled|crushed|laid|went out|swept|graft\w*)\b"
);
re!(PASSIVE_BEFORE, r"\b(?:was|were|been|being)(?: then| all| fully| carefully)?\s*$");
re!(AT, r"^\s*(?:was |were )?(?:done |performed )?(?:at|of|for|from|on|across|involving)\b");
re!(SIDE_AT_END, r"\b(?:left|right|bilat\w*|both|[lr]t?)(?:[- ]sided)?\.? ?$");
re!(SIDE_BETWEEN, r"^ ?,? ?(?:and |& ?)?(?:on the )?(?:left|right|bilat\w*|both|[lr]t?)(?:[- ]sided)?\.? ?$");
// "On both sides and L5-S1": the side is of the work before, the level of the next.
re!(JOINED, r"\b(?:and|then|plus|followed)\b|[,;&+]");
re!(BREAK, r"[,;:\n]|\bwith\b|\bsupplemented\b|\bfollowed by\b");

/// The side a passage names; both sides named make it bilateral.
pub(crate) fn one_side(text: &str) -> Option<Laterality> {
    let mut found = sides(text).into_iter().map(|s| s.2);
    let first = found.next()?;
    Some(if found.any(|s| s != first) { Laterality::Bilateral } else { first })
}

/// The side named right before a level: "right L3-4 and left L4-5".
pub(crate) fn side_before(words: &str, space: Interspace) -> Option<Laterality> {
    let hit = mentions(words).into_iter().find(|m| m.item == crate::level::Item::Pair(space))?;
    let before = words.get(..hit.start)?.trim_end();
    sides(before).last().filter(|s| s.1 == before.len()).map(|s| s.2)
}

/// The side named behind a level and before the next: "L4-5 discectomy on both sides and L5-S1 on the right".
pub(crate) fn side_behind(words: &str, space: Interspace) -> Option<Laterality> {
    let all = mentions(words);
    let hit = all.iter().position(|m| m.item == crate::level::Item::Pair(space))?;
    let from = all.get(hit)?.end;
    let to = all.get(hit + 1).map_or(words.len(), |m| m.start);
    one_side(words.get(from..to)?)
}

re!(
    TROUGH,
    r"\b(?:troughs?|gutters?|trench(?:es)?|channels?|grooves?)\b[^.;]{0,60}\b(?:lamin\w+|lateral mass\w*|facets?)"
);

/// Laminae lifted between troughs are as many as the troughs are long: "troughs from C3 to C6 ... the laminae were
/// lifted off as one piece".
fn along_troughs(note: &Note, found: &mut [Entity]) {
    for e in found.iter_mut().filter(|e| e.concept == Concept::LaminaOpened && e.part == Part::Body) {
        let trough =
            [e.sentence, e.sentence.wrapping_sub(1)].into_iter().find(|i| has(&TROUGH, note.words(*i)));
        let Some(s) = trough.and_then(|i| note.sentences.get(i)) else { continue };
        if !(e.groups.is_empty() || trough == Some(e.sentence)) {
            continue;
        }
        let stretch = note.groups.iter().find(|g| {
            g.start >= s.start && g.end <= s.end && matches!(g.items.as_slice(), [Item::Range(..)])
        });
        if let Some(g) = stretch {
            let items = g.vertebrae().into_iter().map(Item::Single).collect();
            e.groups = vec![Group { items, ..g.clone() }];
        }
    }
}

re!(
    SAME_ITEM,
    r"^\W*(?:[a-z\d]{1,2}[.):] ?)?(?:the )?(?:same|ditto|likewise|identical\w*)(?: procedure| operation| again)?(?:,| at| for| of|:| )"
);

/// "Same, L3-L4": an item of a list that stands for the item before it at another level.
fn same_again(note: &Note, found: &mut Vec<Entity>) {
    let mut more = vec![];
    for (i, s) in note.sentences.iter().enumerate().filter(|(_, s)| s.part == Part::Procedures) {
        if !has(&SAME_ITEM, note.words(i)) || found.iter().any(|e| e.sentence == i && e.role == Role::Work) {
            continue;
        }
        let here: Vec<Group> = note
            .groups
            .iter()
            .filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve)
            .cloned()
            .collect();
        let before =
            found.iter().rev().find(|e| e.sentence < i && e.part == Part::Procedures && e.role == Role::Work);
        if let Some(model) = before.filter(|_| !here.is_empty()) {
            let (start, end) = (s.start, s.end);
            more.push(Entity { start, end, sentence: i, groups: here, ..model.clone() });
        }
    }
    found.extend(more);
    found.sort_by_key(|e| e.start);
}

/// In a list of procedures, an opening of the canal that names no level belongs to the item before it.
fn parts_follow(found: &mut [Entity]) {
    let opens = |c: Concept| {
        matches!(
            c,
            Concept::Laminectomy
                | Concept::Laminotomy
                | Concept::Facetectomy
                | Concept::Foraminotomy
                | Concept::Decompression
        )
    };
    let mut last: Vec<Group> = vec![];
    for e in found.iter_mut().filter(|e| e.part == Part::Procedures) {
        if !e.groups.is_empty() && e.role == Role::Work {
            last.clone_from(&e.groups);
        } else if e.groups.is_empty() && opens(e.concept) {
            e.groups.clone_from(&last);
        }
    }
}

/// Entities of one sentence without levels take those of the work before them.
fn carry(found: &mut [Entity]) {
    let mut last: Vec<Group> = vec![];
    for e in found.iter_mut() {
        if e.groups.is_empty() {
            e.groups.clone_from(&last);
        } else if e.role == Role::Work {
            last.clone_from(&e.groups);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Note;
    use crate::assertion::Assertion;
    use crate::concept::Concept;

    fn found(text: &str, c: Concept) -> Vec<String> {
        let note = Note::read(text);
        note.entities
            .iter()
            .filter(|e| e.concept == c && e.assertion == Assertion::Done)
            .map(|e| e.interspaces().iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn levels_go_to_their_own_work() {
        let t = "Procedure performed, L4 L5 decompressive laminectomy with bilateral facetectomy, transforaminal lumbar interbody fusion L5 S1 with PEEK cage, posterolateral fusion L4 to S1.";
        assert_eq!(found(t, Concept::Laminectomy), ["L4-L5"]);
        assert_eq!(found(t, Concept::InterbodyPosterior), ["L5-S1"]);
        assert_eq!(found(t, Concept::FusionPosterolateral), ["L4-L5 L5-S1"]);
        assert_eq!(found(t, Concept::Cage), ["L5-S1"]);
    }

    #[test]
    fn lists_belong_to_one_procedure() {
        let t = "PROCEDURES: Anterior cervical discectomy and fusion at C4, C5 and C5, C6 with plate.";
        assert_eq!(found(t, Concept::Acdf), ["C4-C5 C5-C6"]);
    }
}
