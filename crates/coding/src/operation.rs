//! What the note says was done, ready for the rules: which entities count, where, and by which way in.
//!
//! Where the note lists its procedures, that list says which primary work was done and the narrative
//! confirms, denies or details it; without a list the narrative itself is read. Devices, grafts and parts
//! of work count wherever they are documented as done.

use crate::account::Account;
use crate::assertion::{self, Assertion};
use crate::concept::{Concept, Role};
use crate::level::{Group, dedup};
use crate::reader::{Entity, Note};
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::{Interspace, ReadBy, Region, Vertebra};
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A note seen as an operation.
pub(crate) struct Operation<'a> {
    pub(crate) note: &'a Note,
    /// The note lists its procedures.
    pub(crate) listed: bool,
    /// What was planned counts as work: for an operation stopped before it was done.
    pub(crate) planned: bool,
    /// Only passages the language model quoted count.
    pub(crate) quoted_only: bool,
    /// The region most of the work lies in.
    pub(crate) region: Option<Region>,
    /// An operation through the front of the neck.
    pub(crate) front_of_neck: bool,
    /// What was done, in order, each act at its place.
    pub(crate) account: Account<'a>,
    fallback: Vec<Group>,
}

re!(
    PUT_IN,
    r"\b(?:plac\w+|insert\w+|put|went in|goes in|impact\w+|tapped|tamp\w+|seat\w+|pack\w+|fill\w+|press\w*|malleted|hammered|advanc\w+|driven|thread\w+|screwed|deploy\w+|expand\w+|position\w+|fashion\w+|inlaid|wedged|countersunk|recessed|implant\w*|us(?:ed|ing)|with|chosen|selected|delivered|introduced|slid|set|laid|fit|fixed|\d+ ?mm|\d+ ?x ?\d+)\b|cages?:|:"
);
re!(
    FRONT_NECK,
    r"anterior (?:cervical|neck)|\bacdf\b|longus colli|platysma|omohyoid|strap muscles|\b(?:o?esophagus|trachea)\b|carotid|caspar|smith[- ]robinson|sterno-?(?:cleido-?)?mastoid|(?:left|right|transverse|collar|anterior|low)[^.;]{0,16}\bneck (?:cut|incision|crease|approach|skin)|\bneck crease|collar incision|\bfront of the neck\b|\bneck,? from (?:the |in )?front\b|between the (?:carotid|vessels)\b[^.;]{0,40}\b(?:trachea|(?:o)?esophagus|larynx|midline)"
);
re!(
    FRONT,
    r"\banterior(?:ly)?\b|retroperitoneal|transperitoneal|transpsoas|thoraco-?abdominal|thoracotomy|transthoracic|retropleural|lateral plate|\b[aoxdl]lif\b|\bllif\b|lateral (?:lumbar )?interbody"
);
re!(
    BACK,
    r"\bposterior(?:ly|-)?|postero-?lateral|\b[tp]lif\b|lamin(?:a|ectom|otom)|lateral mass|pedicle|transforaminal"
);
re!(
    FLANK,
    r"transpsoas|\bpsoas\b|thoraco-?abdominal|\bdiaphragm\b|retroperitoneal|lateral decubitus|\bflank\b|peritoneum|iliac vessels|rectus sheath|left lower quadrant|\bthe front of (?:the )?(?:dis[ck]|spine|[lts]\d[\w/-]*)(?: dis[ck])? (?:was|were|lay) (?:then )?(?:bare\w*|clear\w*|exposed|open\w*|free\w*)|\bbelly\b[^.;]{0,24}\b(?:cut|opened|incision)|\b(?:cut|opened|incision)\b[^.;]{0,24}\bbelly\b|vessels (?:were |was )?(?:held|swept|drawn|moved|retracted) (?:aside|over|away|to)|\bchest (?:was |is )?(?:then )?(?:opened|entered)|\bbed of the (?:\w+ ){0,3}rib\b|\blungs? (?:was |were )?(?:down|deflated|collapsed|retracted|dropped)|\bhad the lung down|thoracotomy|transthoracic|(?:iliac|great|between the) vessels|\b(?:to|onto|reach\w*|expos\w*|bared|cleared) the front of (?:the )?(?:lumbar |lumbosacral )?(?:dis[ck]|spine|l\d)"
);

re!(
    BEFORE_THE_CORD,
    r"posterior (?:osteophytes?|spurs?|longitudinal|lips?)|\bpll\b|uncovertebral|uncinate\w*|\buncus\b|\buncs?\b"
);
re!(BROKEN, r"\bfractur\w+|\bcompression\b|\bcollaps\w+|\bbreaks?\b|\bbroken\b");
re!(
    ON_FILM,
    r"^\W*(?:the |her |his |an? |new |old )*(?:mri?|cta?|x-?rays?|films?|scans?|imaging|emg)\b[^.;]{0,24}(?::|\b(?:show\w*|reveal\w*|demonstrat\w+|has|had)\b)"
);
re!(
    VERB,
    r"\b(?:was|were|we|i|he|she|is|are|has|had|have|there|will|returns?|says?|shows?|showed|stays?|stayed|remains?|looks?|sits?)\b"
);
re!(COUNT, r"\b(?:two|three|four|five|[2-5])[ -](?:levels?|interspaces?)\b");

impl<'a> Operation<'a> {
    pub(crate) fn new(note: &'a Note, quoted_only: bool) -> Self {
        let listed = note.entities.iter().any(|e| {
            e.part == Part::Procedures
                && matches!(e.role, Role::Work | Role::Part)
                && e.assertion != Assertion::Denied
        });
        let mut op = Self {
            note,
            listed,
            planned: false,
            quoted_only,
            region: None,
            front_of_neck: false,
            account: Account::read(note),
            fallback: vec![],
        };
        op.fallback = op.find_fallback();
        op.region = op.find_region();
        // Told as today's: an earlier fusion through the front does not make this one go in there.
        op.front_of_neck = !op
            .find(
                &FRONT_NECK,
                &[Part::Procedures, Part::Body, Part::Diagnosis, Part::Other],
                &[Assertion::Done],
            )
            .is_empty()
            || op.region == Some(Region::Cervical)
                && (op.neck_from_the_front()
                    || op.neck_by_anatomy()
                    || !op.work(&[Concept::Arthroplasty]).is_empty());
        op
    }

    /// A disc of the neck emptied in a part of the telling that goes in from the front.
    fn neck_from_the_front(&self) -> bool {
        self.account.discs(crate::approach::Way::Front).iter().any(|x| {
            x.way.is_some() && !x.spaces.is_empty() && x.spaces.iter().all(|s| s.region() == Region::Cervical)
        })
    }

    /// A neck whose telling never says the way in, and reaches what lies in front of the cord.
    fn neck_by_anatomy(&self) -> bool {
        let emptied = self.account.events.iter().any(|x| {
            x.entity.concept == Concept::DiscRemoved && x.entity.part == Part::Body && x.entity.done()
        });
        emptied && self.account.ways.iter().all(Option::is_none) && !self.says(&BEFORE_THE_CORD).is_empty()
    }

    /// The same note with what was planned counted as work.
    pub(crate) fn as_planned(&self) -> Self {
        Self {
            note: self.note,
            listed: self.listed,
            planned: true,
            quoted_only: self.quoted_only,
            region: self.region,
            front_of_neck: self.front_of_neck,
            account: self.account.clone(),
            fallback: self.fallback.clone(),
        }
    }

    fn text(&self, parts: &[Part]) -> Vec<&str> {
        let s = &self.note.sentences;
        (0..s.len()).filter(|i| parts.contains(&s[*i].part)).map(|i| self.note.words(i)).collect()
    }

    /// Spans at which a pattern is asserted as done in the operative parts.
    pub(crate) fn says(&self, r: &LazyLock<Option<Regex>>) -> Vec<(usize, usize)> {
        self.find(r, &[Part::Procedures, Part::Body, Part::Implants, Part::Other], &[Assertion::Done])
    }

    /// Spans of a pattern of acts in some parts with some assertions: another day's date makes them past.
    pub(crate) fn find(
        &self,
        r: &LazyLock<Option<Regex>>,
        parts: &[Part],
        how: &[Assertion],
    ) -> Vec<(usize, usize)> {
        self.find_by(assertion::read_act, r, parts, how)
    }

    /// Spans of a pattern of states and circumstances: what began on another day may last.
    pub(crate) fn find_state(
        &self,
        r: &LazyLock<Option<Regex>>,
        parts: &[Part],
        how: &[Assertion],
    ) -> Vec<(usize, usize)> {
        self.find_by(assertion::read, r, parts, how)
    }

    fn find_by(
        &self,
        read: fn(&str, (usize, usize), usize, usize) -> Assertion,
        r: &LazyLock<Option<Regex>>,
        parts: &[Part],
        how: &[Assertion],
    ) -> Vec<(usize, usize)> {
        let mut out = vec![];
        for s in self.note.sentences.iter().filter(|s| parts.contains(&s.part)) {
            for (a, b) in all(r, self.note.doc.slice(s.start, s.end)) {
                let (a, b) = (s.start + a, s.start + b);
                if how.contains(&read(&self.note.doc.norm, (s.start, s.end), a, b)) {
                    out.push((a, b));
                }
            }
        }
        out
    }

    /// Anywhere in the note, whatever is asserted.
    pub(crate) fn mentions(&self, r: &LazyLock<Option<Regex>>) -> bool {
        has(r, &self.note.doc.norm)
    }

    fn counts(&self, e: &Entity) -> bool {
        !self.quoted_only || e.read_by != ReadBy::Rules
    }

    /// Primary work done, by the list of procedures where there is one.
    pub(crate) fn work(&self, concepts: &[Concept]) -> Vec<&'a Entity> {
        if self.planned {
            let meant = |e: &&Entity| {
                matches!(e.assertion, Assertion::Done | Assertion::Planned) && e.part != Part::History
            };
            return self
                .note
                .entities
                .iter()
                .filter(|e| concepts.contains(&e.concept) && self.counts(e))
                .filter(meant)
                .collect();
        }
        self.note
            .entities
            .iter()
            .filter(|e| concepts.contains(&e.concept) && e.done() && self.counts(e))
            .filter(|e| match e.part {
                Part::Procedures => true,
                // What a film shows is no work of the day.
                _ => !self.listed && !has(&ON_FILM, self.note.words(e.sentence)),
            })
            .collect()
    }

    /// Primary work done that the catalogue names, by the ids of its procedures.
    pub(crate) fn procedures(&self, ids: &[&str]) -> Vec<&'a Entity> {
        let all = (0u16..).zip(&self.note.catalogue.procedures);
        let concepts: Vec<Concept> =
            all.filter(|(_, p)| ids.contains(&p.id.as_str())).map(|(i, _)| Concept::Listed(i)).collect();
        self.work(&concepts)
    }

    /// Concepts of the primary work done.
    pub(crate) fn work_concepts(&self) -> Vec<Concept> {
        self.note
            .entities
            .iter()
            .filter(|e| e.part == Part::Procedures && e.done())
            .map(|e| e.concept)
            .collect()
    }

    /// Work that the title of a note names: a line without a verb before the first heading.
    pub(crate) fn titled(&self, concept: Concept) -> Vec<&'a Entity> {
        self.note
            .entities
            .iter()
            .filter(|e| e.concept == concept && e.done() && self.counts(e) && self.is_title(e.sentence))
            .collect()
    }

    fn is_title(&self, sentence: usize) -> bool {
        let Some(s) = self.note.sentences.get(sentence) else { return false };
        let words = self.note.words(sentence);
        s.section == 0
            && s.part == Part::Body
            && sentence < 6
            && words.split_whitespace().count() < 16
            && !has(&VERB, words)
    }

    /// Whether the list of procedures or the title of the note says some words.
    pub(crate) fn headed(&self, r: &Regex) -> bool {
        (0..self.note.sentences.len()).any(|i| {
            let listed = self.note.sentences.get(i).is_some_and(|s| s.part == Part::Procedures);
            (listed || self.is_title(i)) && r.is_match(self.note.words(i))
        })
    }

    /// Devices, grafts and parts of work, wherever they are documented as done.
    pub(crate) fn documented(&self, concepts: &[Concept]) -> Vec<&'a Entity> {
        self.note
            .entities
            .iter()
            .filter(|e| concepts.contains(&e.concept) && e.done() && self.counts(e))
            .filter(|e| !self.listed || !matches!(e.part, Part::Before | Part::After))
            .collect()
    }

    /// Passages of the operative parts that deny a concept.
    pub(crate) fn denied(&self, concepts: &[Concept]) -> Vec<&'a Entity> {
        self.note
            .entities
            .iter()
            .filter(|e| concepts.contains(&e.concept) && e.assertion == Assertion::Denied)
            .filter(|e| matches!(e.part, Part::Body | Part::Procedures | Part::Implants | Part::Other))
            .collect()
    }

    /// Interspaces of an entity, or those of the note where it names none.
    pub(crate) fn spaces(&self, e: &Entity) -> Vec<Interspace> {
        let own = e.interspaces();
        let all = if own.is_empty() && (e.vertebrae().is_empty() || e.concept == Concept::Transpedicular) {
            // Without a list the telling says where; with one, the list does.
            let told = if self.listed { vec![] } else { self.account.place(e) };
            if told.is_empty() { self.default_spaces() } else { told }
        } else {
            own
        };
        all.into_iter().filter(|s| !self.account.is_left_alone(*s)).collect()
    }

    /// Interspaces of several entities, in order, each once.
    pub(crate) fn all_spaces(&self, es: &[&Entity]) -> Vec<Interspace> {
        let named: Vec<Interspace> = es.iter().flat_map(|e| e.interspaces()).collect();
        let all = if named.is_empty() { es.iter().flat_map(|e| self.spaces(e)).collect() } else { named };
        dedup(all).into_iter().filter(|s| !self.account.is_left_alone(*s)).collect()
    }

    /// Interspaces the note is about when a procedure names none.
    pub(crate) fn default_spaces(&self) -> Vec<Interspace> {
        dedup(self.fallback.iter().flat_map(Group::interspaces).collect())
    }

    /// Vertebrae the note is about when a procedure names none.
    pub(crate) fn default_vertebrae(&self) -> Vec<Vertebra> {
        dedup(self.fallback.iter().flat_map(Group::vertebrae).collect())
    }

    /// Whether a device or graft was put in, and not only looked at: listed, or beside a word of placing.
    pub(crate) fn put_in(&self, e: &Entity) -> bool {
        let words = self.note.words(e.sentence);
        // "Disc out, cage, local bone.": a hand that writes no verbs.
        let bare = e.part == Part::Body && words.split_whitespace().count() < 14 && !has(&VERB, words);
        matches!(e.part, Part::Procedures | Part::Implants) || has(&PUT_IN, words) || bare
    }

    /// Whether an entity's sentence, or the whole operation, goes in from the front.
    pub(crate) fn goes_in_from_front(&self, e: &Entity) -> bool {
        if self.account.front_given_up {
            return false;
        }
        let words = self.note.words(e.sentence);
        if has(&BACK, words) && !has(&FRONT, words) {
            return false;
        }
        if has(&FRONT, words) {
            return true;
        }
        let list = self.text(&[Part::Procedures]).join(" ");
        if has(&FRONT, &list) && !has(&BACK, &list) {
            return true;
        }
        !has(&BACK, &list) && self.by_flank()
    }

    /// The narrative goes in through the abdomen or the flank.
    pub(crate) fn by_flank(&self) -> bool {
        !self.account.front_given_up && !self.says(&FLANK).is_empty()
    }

    /// Level lists of the procedures, else of the diagnoses, else the one the narrative names most.
    fn find_fallback(&self) -> Vec<Group> {
        // "Stenosis above an old L4-S1 fusion" is not about L4 to S1.
        let old: Vec<usize> = self
            .note
            .entities
            .iter()
            .filter(|e| e.assertion == Assertion::Past && e.role == Role::Work)
            .flat_map(|e| e.groups.iter().map(|g| g.start))
            .collect();
        let kept = |g: &&Group| !old.contains(&g.start) || self.part_at(g.start) == Some(Part::Procedures);
        let headings = [&[Part::Procedures][..], &[Part::After], &[Part::Before, Part::Diagnosis]];
        for (parts, any) in headings.map(|p| (p, false)).into_iter().chain(headings.map(|p| (p, true))) {
            let found: Vec<Group> = self
                .note
                .groups
                .iter()
                .filter(|g| !g.nerve && self.part_at(g.start).is_some_and(|p| parts.contains(&p)))
                .filter(|g| any || kept(g))
                .filter(|g| !g.interspaces().is_empty() || parts != [Part::Procedures])
                .cloned()
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        let body: Vec<&Group> = self
            .note
            .groups
            .iter()
            .filter(|g| !g.nerve && g.interspaces().len() == 1)
            .filter(|g| matches!(self.part_at(g.start), Some(Part::Body | Part::Other)))
            .collect();
        // "Two-level fusion", and the narrative names just that many interspaces.
        let named = dedup(body.iter().flat_map(|g| g.interspaces()).collect());
        let open: Vec<Interspace> = named.into_iter().filter(|s| !self.account.is_left_alone(*s)).collect();
        if self.levels_said().is_some_and(|n| n == open.len() && n > 1) {
            let first_of = |s: &Interspace| body.iter().find(|g| g.interspaces().contains(s));
            return open.iter().filter_map(first_of).map(|g| (*g).clone()).collect();
        }
        let mut tally: HashMap<Vec<Interspace>, usize> = HashMap::new();
        for g in &body {
            *tally.entry(g.interspaces()).or_default() += 1;
        }
        let most = body.iter().max_by_key(|g| tally.get(&g.interspaces()).copied());
        // Nothing but a broken bone: where it is broken.
        let broken = || {
            self.note.groups.iter().find(|g| {
                let at = self.note.sentences.iter().position(|s| s.start <= g.start && g.start < s.end);
                !g.nerve && g.only_singles() && at.is_some_and(|i| has(&BROKEN, self.note.words(i)))
            })
        };
        match most {
            Some(g) => vec![(*g).clone()],
            None if self.listed => vec![],
            None => broken().map(|g| vec![g.clone()]).unwrap_or_default(),
        }
    }

    /// The first level that the story of the complaint names, for an operation whose telling names none.
    pub(crate) fn complained_of(&self) -> Vec<Interspace> {
        let named = |i: usize| self.note.entities.iter().any(|e| e.sentence == i && e.role == Role::Work);
        let told = |g: &&Group| {
            let at = self.note.sentences.iter().position(|s| s.start <= g.start && g.start < s.end);
            !g.nerve
                && at.is_some_and(|i| !named(i) && self.part_of(i) == Some(Part::History))
                && g.interspaces().len() == 1
                && g.interspaces().iter().all(|s| !self.account.is_left_alone(*s))
        };
        self.note.groups.iter().find(told).map(Group::interspaces).unwrap_or_default()
    }

    /// Interspaces the narrative names anywhere, also by one of their laminae.
    pub(crate) fn body_spaces(&self) -> Vec<Interspace> {
        let body = self.note.groups.iter().filter(|g| self.part_at(g.start) == Some(Part::Body));
        let all = body.flat_map(|g| {
            let below = g.vertebrae().into_iter().filter_map(Interspace::below);
            g.interspaces().into_iter().chain(below.filter(|_| g.only_singles() && !g.nerve))
        });
        dedup(all.collect())
    }

    /// Where the note names some interspaces.
    pub(crate) fn spans_of(&self, spaces: &[Interspace]) -> Vec<(usize, usize)> {
        let names = |g: &&Group| g.interspaces().iter().any(|s| spaces.contains(s));
        self.note.groups.iter().filter(names).map(|g| (g.start, g.end)).take(3).collect()
    }

    fn part_of(&self, i: usize) -> Option<Part> {
        self.note.sentences.get(i).map(|s| s.part)
    }

    fn part_at(&self, at: usize) -> Option<Part> {
        self.note.sentences.iter().find(|s| s.start <= at && at < s.end).map(|s| s.part)
    }

    /// How many levels the list of procedures says were treated: "two-level", "3 levels".
    fn levels_said(&self) -> Option<usize> {
        let list = self.text(&[Part::Procedures]).join(" ");
        let (a, b) = all(&COUNT, &list).first().copied()?;
        let word = list.get(a..b)?;
        ["two", "three", "four", "five"]
            .iter()
            .position(|w| word.starts_with(w))
            .map(|i| i + 2)
            .or_else(|| word.get(..1)?.parse().ok())
    }

    fn find_region(&self) -> Option<Region> {
        let mut votes = [0usize; 4];
        let slot = |r: Region| match r {
            Region::Cervical => 0,
            Region::Thoracic => 1,
            Region::Lumbar => 2,
            Region::Sacral => 3,
        };
        for v in self.default_vertebrae() {
            votes[slot(v.region())] += 1;
        }
        if votes.iter().all(|v| *v == 0) {
            for parts in [
                &[Part::Procedures][..],
                &[Part::After, Part::Before, Part::Diagnosis],
                &[Part::Body, Part::Other, Part::History],
            ] {
                for t in self.text(parts) {
                    for (word, r) in [
                        ("cervical", 0),
                        ("thoracic", 1),
                        ("lumbar", 2),
                        ("lumbosacral", 2),
                        ("caudal", 2),
                        ("sacral", 3),
                        ("neck", 0),
                    ] {
                        votes[r] += t.matches(word).count();
                    }
                }
                if votes.iter().any(|v| *v > 0) {
                    break;
                }
            }
        }
        let best = votes.iter().max().copied().filter(|m| *m > 0)?;
        let at = votes.iter().position(|v| *v == best)?;
        [Region::Cervical, Region::Thoracic, Region::Lumbar, Region::Sacral].get(at).copied()
    }
}
