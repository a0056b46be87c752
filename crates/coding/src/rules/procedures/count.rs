//! Which row of codes holds for which places.

use super::{Found, said};
use crate::assertion::Assertion;
use crate::catalogue::procedure::CodeRow;
use crate::operation::Operation;
use crate::rules::procedures::place::Place;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::Region;
use jiff::civil::Date;

/// A row of codes and the places it counts.
pub(super) struct Chosen {
    pub(super) row: &'static CodeRow,
    pub(super) places: Vec<Place>,
}

impl Chosen {
    pub(super) fn first(&self) -> &'static str {
        &self.row.first
    }
    pub(super) fn more(&self) -> Option<&'static str> {
        self.row.more.as_deref()
    }
}

/// Gives each place the first row that holds for it; `one_primary` gathers all under the earliest of them.
pub(super) fn choose(
    op: &Operation<'_>,
    f: &Found<'_>,
    places: &[Place],
    imaged: bool,
    dos: Date,
    beside: &[&'static str],
) -> Vec<Chosen> {
    let rows = &f.procedure.code;
    let mut regions = regions_named(op, f, places);
    if rows.iter().any(|r| r.regions_at_least > 1) {
        regions = regions.max(regions_filmed(op));
    }
    let of_note: Vec<bool> = rows
        .iter()
        .map(|r| {
            r.imaging.is_none_or(|i| i == imaged)
                && r.from.is_none_or(|d| d <= dos)
                && r.to.is_none_or(|d| dos <= d)
                && r.regions_at_least <= regions
                && (r.beside.is_empty() || r.beside.iter().any(|b| beside.contains(&b.as_str())))
                && r.at_least <= places.len()
                && r.at_most.is_none_or(|m| places.len() <= m)
                && r.words.as_ref().is_none_or(|w| !said(op, &w.0).is_empty())
                && r.without.as_ref().is_none_or(|w| said(op, &w.0).is_empty())
        })
        .collect();
    let row_of = |p: &Place| {
        rows.iter()
            .zip(&of_note)
            .position(|(r, holds)| *holds && (r.regions.is_empty() || r.regions.contains(&p.region)))
    };
    let mut out: Vec<(usize, Chosen)> = vec![];
    for p in places {
        let Some(at) = row_of(p) else { continue };
        let Some(row) = rows.get(at) else { continue };
        match out.iter_mut().find(|c| c.0 == at) {
            Some(c) => c.1.places.push(*p),
            None => out.push((at, Chosen { row, places: vec![*p] })),
        }
    }
    out.sort_by_key(|c| c.0);
    if f.procedure.one_primary && out.len() > 1 {
        let mut rest = out.split_off(1);
        if let Some(first) = out.first_mut() {
            first.1.places.extend(rest.drain(..).flat_map(|c| c.1.places));
        }
    }
    out.into_iter().map(|c| c.1).collect()
}

re!(FILMED, r"\b(?:films?|views?|column|filmed|projections?)\b");
re!(NECK, r"\b(?:cervical|c-?spine)\b");
re!(CHEST, r"\b(?:thoracic|t-?spine|dorsal spine)\b");
re!(LOW_BACK, r"\b(?:lumbar|lumbosacral|l-?spine)\b");

/// How many regions the telling films while the dye runs: a heading often names the place of the puncture alone.
fn regions_filmed(op: &Operation<'_>) -> usize {
    let filmed = |r| {
        let named = op.find(r, &[Part::Body, Part::Other], &[Assertion::Done]);
        named.into_iter().any(|(a, _)| {
            let at = op.note.sentences.iter().position(|s| s.start <= a && a < s.end);
            at.is_some_and(|i| has(&FILMED, op.note.words(i)))
        })
    };
    [filmed(&NECK), filmed(&CHEST), filmed(&LOW_BACK)].into_iter().filter(|f| *f).count()
}

/// How many regions the procedure's own words and places name.
fn regions_named(op: &Operation<'_>, f: &Found<'_>, places: &[Place]) -> usize {
    let words: Vec<&str> = f.entities.iter().map(|e| op.note.words(e.sentence)).collect();
    let says = |list: &[&str]| words.iter().any(|w| list.iter().any(|x| w.contains(x)));
    let at = |r: &[Region]| places.iter().any(|p| p.known() && r.contains(&p.region));
    let neck = says(&["cervical"]) || at(&[Region::Cervical]);
    let chest = says(&["thoracic"]) || at(&[Region::Thoracic]);
    let back = says(&["lumbar", "lumbosacral"]) || at(&[Region::Lumbar, Region::Sacral]);
    let all = says(&["complete myelogra", "total myelogra", "entire spine", "whole spine"]);
    if all { 3 } else { usize::from(neck) + usize::from(chest) + usize::from(back) }
}
